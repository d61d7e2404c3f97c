using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Fencing tokens over real servers.</summary>
public class FencingTests(SharedNodes shared)
{
    private static readonly MutexOptions _fenced = MutexOptions.Blocking with { Fenced = true };

    public static TheoryData<int, Wire, Style> Everywhere => Calls.Everywhere;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Each_holder_of_a_name_has_a_larger_number_than_the_one_before(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory first = await shared.ConnectAsync(nodes, wire);
        using RedlockFactory second = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex[] mutexes = [first.PatientMutex(name, _fenced), second.PatientMutex(name, _fenced)];
        long last = 0;
        for (int turn = 0; turn < 6; turn++)
        {
            RedlockMutex mutex = mutexes[turn % 2];
            LockResult taken = await calls.TryLockAsync(mutex);
            Assert.True(taken.IsAcquired);
            Assert.True(taken.FencingToken > last, $"{taken.FencingToken} behind {last}");
            last = taken.FencingToken;
            Assert.Equal(LockStatus.Contended, (await calls.TryLockAsync(mutexes[(turn + 1) % 2])).Status);
            ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
            Assert.Equal(last, extended.Token.FencingToken);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token));
        }
    }

    [Fact]
    public async Task Counters_that_differ_are_raised_on_a_quorum_before_the_lock_is_handed_over()
    {
        using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        string counter = $"{{{name}}}:fence";
        const long Ahead = 8_000_000_000_000_000;
        await factory.Node(1).SendAsync("SET", counter, Ahead.ToString(CultureInfo.InvariantCulture));
        RedlockMutex mutex = factory.PatientMutex(name, _fenced with { Quorum = 3 });

        await using LockHandle held = await mutex.LockAsync(Token);
        Assert.Equal(Ahead + 1, held.FencingToken);
        Assert.All(await factory.StoredAsync(counter), value => Assert.Equal("8000000000000001", value));
    }

    [Fact]
    public async Task Whoever_waits_in_the_same_process_gets_a_number_of_his_own()
    {
        using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), _fenced);
        LockHandle held = await mutex.LockAsync(Token);
        Task<LockHandle> waiting = mutex.LockAsync(Token).AsTask();
        await Eventually.Holds(() => factory.Waiters == 1, "somebody waits");
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held.Token, Token));
        LockHandle next = await waiting.SoonAsync();
        Assert.True(next.FencingToken > held.FencingToken);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task A_counter_outlives_the_lock_by_its_life_and_an_extension_keeps_it_alive()
    {
        using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        string counter = $"{{{name}}}:fence";
        RedlockMutex mutex = factory.PatientMutex(name, _fenced with { FenceLife = TimeSpan.FromHours(1), Quorum = 3 });
        LockHandle held = await mutex.LockAsync(Token);
        Assert.All(await factory.TimeToLiveAsync(counter), left => Assert.InRange(left, 3_600_000, 3_608_000));
        await factory.AskAllAsync("PEXPIRE", counter, "5000");
        Assert.True((await mutex.ExtendAsync(held.Token, Token)).IsExtended);
        Assert.All(await factory.TimeToLiveAsync(counter), left => Assert.InRange(left, 3_600_000, 3_608_000));
        await held.DisposeAsync();
        Assert.All(await factory.StoredAsync(counter), Assert.NotNull);
    }

    [Theory]
    [InlineData("SET", "twelve")]
    [InlineData("SET", "9000000000000000")]
    [InlineData("SET", "1.5")]
    [InlineData("SET", "-1")]
    [InlineData("LPUSH", "twelve")]
    public async Task What_is_no_counter_fails_the_vote_and_names_the_key(string command, string value)
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, _fenced);
        await factory.Node(0).SendAsync(command, $"{{{name}}}:fence", value);
        NodeOutcome[] outcomes = new NodeOutcome[1];
        LockResult refused = await mutex.TryLockAsync(outcomes, Token);
        Assert.Equal(LockStatus.Unavailable, refused.Status);
        Assert.Equal(NodeVote.Failed, outcomes[0].Vote);
        Assert.Contains($"{{{name}}}:fence", outcomes[0].Error, StringComparison.Ordinal);
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Fact]
    public async Task A_lock_that_is_handed_over_as_text_keeps_its_number()
    {
        using RedlockFactory one = await shared.ConnectAsync(3);
        using RedlockFactory other = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        LockHandle held = await one.PatientMutex(name, _fenced).LockAsync(Token);
        string text = held.Detach().Text;
        RedlockMutex heir = other.PatientMutex(name, _fenced);
        ExtendResult extended = await heir.ExtendAsync(LockToken.Parse(text), Token);
        Assert.Equal(held.FencingToken, extended.Token.FencingToken);
        Assert.Equal(UnlockStatus.Released, await heir.UnlockAsync(extended.Token, Token));
    }

    [Fact]
    public async Task A_server_that_forgets_its_scripts_is_told_them_again()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, _fenced with { Quorum = 3 });
        for (int turn = 0; turn < 3; turn++)
        {
            await factory.AskAllAsync("SCRIPT", "FLUSH");
            await factory.Node(turn).SendAsync("INCRBY", $"{{{name}}}:fence", "10");
            await using LockHandle held = await mutex.LockAsync(Token);
            Assert.NotEqual(0, held.FencingToken);
        }
    }
}
