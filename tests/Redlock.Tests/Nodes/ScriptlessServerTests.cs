using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>
/// Servers on which some or all of the commands that run scripts are renamed away or forbidden, and those that could stand in for them
/// as well: what can't be released is not taken.
/// </summary>
public class ScriptlessServerTests
{
    private const string Password = "s3cret-Pa55";

    private static readonly MutexOptions _options = MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(5) };

    /// <summary>Who takes the commands away.</summary>
    public enum By
    {
        Rename = 0,
        AccessList,
    }

    /// <summary>How the factory comes to its node.</summary>
    public enum Made
    {
        ByFactory = 0,
        Before,
    }

    public static TheoryData<By, Made, string, bool> Combinations
    {
        get
        {
            TheoryData<By, Made, string, bool> data = [];
            foreach (By by in Enum.GetValues<By>())
            {
                foreach (Made made in Enum.GetValues<Made>())
                {
                    data.Add(by, made, "", true);
                    data.Add(by, made, "script", true);
                    data.Add(by, made, "eval", true);
                    data.Add(by, made, "evalsha", true);
                    data.Add(by, made, "script evalsha", true);
                    data.Add(by, made, "script eval", false);
                    data.Add(by, made, "eval evalsha", false);
                    data.Add(by, made, "script eval evalsha", false);
                }
            }

            return data;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task A_lock_is_taken_where_it_can_be_released(By by, Made made, string without, bool works)
    {
        string[] commands = without.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        using OwnServers server = await OwnServers.StartAsync(1, new TempRedisOptions
        {
            Configuration = by == By.Rename
                ? [.. commands.Select(command => $"rename-command {command.ToUpperInvariant()} \"\"")]
                : [$"user worker on >{Password} ~* +@all {string.Join(' ', commands.Select(command => "-" + command))}"],
        });
        await ForbidSubstitutesAsync(server[0], by == By.Rename ? "default" : "worker");
        string endpoint = by == By.Rename ? server[0].Endpoint : $"redis://worker:{Password}@{server[0].Endpoint}";
        using RespNode own = RespNode.Connect(endpoint);
        if (made == Made.Before)
        {
            await own.WaitUntilConnectedAsync(Token);
        }

        using RedlockFactory factory = made == Made.Before ? new RedlockFactory(own) : RedlockFactory.Create(endpoint);
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        LockResult taken = await mutex.TryLockAsync(Token);
        if (!works)
        {
            Assert.False(taken.IsAcquired);
            await Eventually.Holds(async () =>
            {
                Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token)).Status);
                return mutex.LastAttemptByAnyone[0].Vote == NodeVote.Misconfigured;
            }, "the node says why");
            string error = Assert.IsType<string>(mutex.LastAttemptByAnyone[0].Error);
            Assert.Contains("the node runs no scripts for this client: ", error, StringComparison.Ordinal);
            Assert.All(
                commands[1..],
                command => Assert.Contains(command.ToUpperInvariant() + " was refused with ", error, StringComparison.Ordinal));
            Assert.Contains(by == By.Rename ? "ERR unknown command" : "NOPERM", error, StringComparison.Ordinal);
            return;
        }

        Assert.True(taken.IsAcquired, string.Join('\n', mutex.LastAttemptByAnyone));
        await AssertKeptAndReleasedAsync(factory, mutex, taken);

        // Of a server that has forgotten its scripts as well.
        if (!commands.Contains("script"))
        {
            LockResult again = await mutex.TryLockAsync(Token);
            Assert.False((await factory.Node(0).SendAsync("SCRIPT", "FLUSH")).IsError);
            await AssertKeptAndReleasedAsync(factory, mutex, again);
        }
    }

    [Fact]
    public async Task A_node_that_was_refused_works_once_its_user_may_run_scripts()
    {
        using OwnServers server = await OwnServers.StartAsync(
            1, new TempRedisOptions { Configuration = [$"user worker on >{Password} ~* +@all -eval -evalsha"] });
        await ForbidSubstitutesAsync(server[0], "worker");
        RedlockOptions options = new() { Node = new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(50) } };
        using RedlockFactory factory = RedlockFactory.Create(options, $"redis://worker:{Password}@{server[0].Endpoint}");
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        Assert.False((await mutex.TryLockAsync(Token)).IsAcquired);
        using RespNode administrator = RespNode.Connect(server[0].Endpoint);
        Assert.True((await administrator.SendAsync("GET", "door")).IsNull);
        Assert.Equal("OK", (await administrator.SendAsync("ACL", "SETUSER", "worker", "+eval", "+evalsha")).AsString());
        LockResult taken = default;
        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired, "it is let in");
        await AssertKeptAndReleasedAsync(factory, mutex, taken);
    }

    // A server that does not know the command can't forbid it, and need not.
    private static async Task ForbidSubstitutesAsync(TempRedis server, string user)
    {
        using RespNode administrator = RespNode.Connect(server.Endpoint);
        await administrator.SendAsync("ACL", "SETUSER", user, "-delifeq");
        await administrator.SendAsync("ACL", "SETUSER", user, "-delex");
    }

    private static async Task AssertKeptAndReleasedAsync(RedlockFactory factory, RedlockMutex mutex, LockResult taken)
    {
        ExtendResult longer = await mutex.ExtendAsync(taken.Token, Token);
        Assert.True(longer.IsExtended, string.Join('\n', mutex.LastAttemptByAnyone));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(longer.Token, Token));
        Assert.Equal([null], await factory.StoredAsync(mutex.Name));
    }
}
