using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class CredentialTests
{
    private const string Password = "s3cret-Pa55";
    private const string Wrong = "Wr0ng-Pa55";

    private static readonly TempRedisOptions _withPassword = new() { Password = Password };

    private static readonly TempRedisOptions _withUser = new()
    {
        User = "worker",
        Password = Password,
        Configuration = ["user default off", $"user worker on >{Password} ~* +@all"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_in_the_endpoint_or_the_options_lets_in()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withPassword);
        await AssertLocksAsync(RedlockFactory.Create($"redis://:{Password}@{server[0].Endpoint}"));
        await AssertLocksAsync(RedlockFactory.Create(With(null, Password), server[0].Endpoint));
        await AssertLocksAsync(RedlockFactory.Create(With(null, Password), server[0].UnixEndpoint));
    }

    [Fact]
    public async Task A_user_of_an_access_list_gets_in()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withUser);
        await AssertLocksAsync(RedlockFactory.Create($"redis://worker:{Password}@{server[0].Endpoint}"));
        await AssertLocksAsync(RedlockFactory.Create(With("worker", Password), server[0].UnixEndpoint));
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_being_shown_and_is_not_hammered()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withPassword);
        await AssertRefusedAsync(RedlockFactory.Create($"redis://:{Wrong}@{server[0].Endpoint}"), "AUTH was refused with WRONGPASS");
        await AssertRefusedAsync(RedlockFactory.Create(With(null, Wrong), server[0].UnixEndpoint), "AUTH was refused with WRONGPASS");
        await AssertRefusedAsync(RedlockFactory.Create($"redis://nobody:{Wrong}@{server[0].Endpoint}"), "AUTH was refused with WRONGPASS");
    }

    [Fact]
    public async Task A_missing_password_is_told()
    {
        using OwnServers server = await OwnServers.StartAsync(1, _withPassword);
        await AssertRefusedAsync(RedlockFactory.Create(server[0].Endpoint), "NOAUTH");
    }

    [Fact]
    public async Task A_password_that_nobody_asked_for_is_told_without_being_shown()
    {
        using OwnServers server = await OwnServers.StartAsync(1);
        await AssertRefusedAsync(RedlockFactory.Create($"redis://:{Wrong}@{server[0].Endpoint}"), "AUTH was refused with ERR");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_told()
    {
        using OwnServers server = await OwnServers.StartAsync(1);
        await AssertRefusedAsync(RedlockFactory.Create($"redis://{server[0].Endpoint}/99"), "SELECT was refused");
    }

    [Fact]
    public async Task A_user_who_may_not_run_scripts_takes_no_lock_and_hears_why()
    {
        using OwnServers server = await OwnServers.StartAsync(
            1, _withUser with { Configuration = [$"user worker on >{Password} ~* +ping +set +get +info +script"] });
        await AssertRefusedAsync(
            RedlockFactory.Create($"redis://worker:{Password}@{server[0].Endpoint}"), "EVALSHA was refused with \"NOPERM");
    }

    [Fact]
    public async Task A_user_who_may_not_set_keys_is_not_contention()
    {
        using OwnServers server = await OwnServers.StartAsync(
            1, _withUser with { Configuration = [$"user worker on >{Password} ~* +@all -set"] });
        await AssertRefusedAsync(
            RedlockFactory.Create($"redis://worker:{Password}@{server[0].Endpoint}"), "NOPERM", askedAgain: "script");
    }

    private static RedlockOptions With(string? user, string password) =>
        new() { Node = new RespNodeOptions { User = user, Password = password } };

    private static async Task AssertLocksAsync(RedlockFactory factory)
    {
        using RedlockFactory connected = factory;
        RedlockMutex mutex = connected.CreateMutex(
            Inspection.NewName(), MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(5) });
        LockResult taken = await mutex.TryLockAsync(Token);
        Assert.True(taken.IsAcquired, mutex.LastAttemptByAnyone[0].ToString());
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
    }

    private static async Task AssertRefusedAsync(RedlockFactory factory, string explanation, string? askedAgain = null)
    {
        using RedlockFactory refused = factory;

        RedlockMutex mutex = refused.CreateMutex("door", MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromMinutes(1),
            NodeTimeLimit = TimeSpan.FromSeconds(20),
            Tries = 2,
            Delay = TimeSpan.FromMilliseconds(1),
        });
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token).AsTask().SoonAsync()).Status);
        AssertExplained(Assert.Single(mutex.LastAttemptByAnyone));

        // Who asks again does so by a script, of which a server says otherwise that it may not.
        explanation = askedAgain ?? explanation;
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => mutex.LockAsync(Token).AsTask().SoonAsync());
        Assert.Equal(2, failure.Tries);
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        AssertExplained(Assert.Single(failure.Nodes));
        Assert.Contains(explanation, failure.Message, StringComparison.Ordinal);
        string everything = string.Join('\n', failure, refused.Node(0), refused.Node(0).LastError, mutex, mutex.LastAttemptByAnyone[0]);
        Assert.DoesNotContain(Password, everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Wrong, everything, StringComparison.OrdinalIgnoreCase);

        void AssertExplained(NodeOutcome outcome)
        {
            Assert.Equal(NodeVote.Misconfigured, outcome.Vote);
            Assert.Contains(explanation, outcome.Error, StringComparison.Ordinal);
        }
    }
}
