using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Who waits in one process is woken by a release in another: nobody here would ask again within hours.</summary>
public sealed class WakeTests(SharedNodes shared)
{
    // What redsync sends, and other clients of the plain pattern.
    private const string PlainDelete =
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

    private static readonly MutexOptions _holding = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromHours(1),
        NodeTimeLimit = Eventually.Patience,
    };

    public enum Style
    {
        Awaited = 0,
        Blocking,
    }

    public enum Release
    {
        Token = 0,
        Text,
        Disposal,
        BlockingDisposal,
    }

    public static TheoryData<int, Wire, Style, Release> Ways()
    {
        TheoryData<int, Wire, Style, Release> ways = [];
        foreach (int nodes in (int[])[1, 3, 5])
        {
            foreach (Wire wire in Enum.GetValues<Wire>())
            {
                foreach (Style style in Enum.GetValues<Style>())
                {
                    foreach (Release release in Enum.GetValues<Release>())
                    {
                        ways.Add(nodes, wire, style, release);
                    }
                }
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_release_wakes_who_waits_in_another_process(int nodes, Wire wire, Style style, Release release)
    {
        await using RedlockFactory one = await shared.ConnectAsync(nodes, wire);
        await using RedlockFactory other = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex held = one.CreateMutex(name, _holding);
        LockHandle handle = await held.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = LockAsync(other.CreateMutex(name, Waiters.Unpolled), style);
        await one.MarkedAsync(name);
        await ReleaseAsync(held, handle, release);
        LockHandle next = await waiting.SoonAsync();
        Assert.True(next.IsHeld);
        await next.DisposeAsync();
        await Eventually.Holds(async () => (await one.StoredAsync(name)).All(value => value is null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Two_processes_hand_a_lock_to_each_other_again_and_again(int nodes)
    {
        const int Turns = 50;
        await using RedlockFactory one = await shared.ConnectAsync(nodes);
        await using RedlockFactory other = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        LockHandle held = await one.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        for (int turn = 0; turn < Turns; turn++)
        {
            RedlockFactory next = turn % 2 == 0 ? other : one;
            Task<LockHandle> waiting = LockAsync(next.CreateMutex(name, Waiters.Unpolled), Style.Awaited);
            await one.MarkedAsync(name);
            await held.DisposeAsync();
            held = await waiting.SoonAsync();
        }

        await held.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Many_processes_are_all_served(int nodes)
    {
        const int Processes = 6;
        await using RedlockFactory holder = await shared.ConnectAsync(nodes);
        string name = Inspection.NewName();
        LockHandle held = await holder.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        RedlockFactory[] others = await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => shared.ConnectAsync(nodes)));
        int served = 0;
        int inside = 0;
        Task[] all = Array.ConvertAll(others, factory => Task.Run(async () =>
        {
            await using LockHandle mine = await factory.CreateMutex(name, Waiters.Unpolled).LockAsync();
            Assert.Equal(1, Interlocked.Increment(ref inside));
            Interlocked.Increment(ref served);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        }));
        foreach (RedlockFactory factory in others)
        {
            await factory.InLineAsync(1);
        }

        await holder.MarkedAsync(name);
        await held.DisposeAsync();
        await Task.WhenAll(all).SoonAsync();
        Assert.Equal(Processes, served);
        foreach (RedlockFactory factory in others)
        {
            await factory.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_text_that_another_process_releases_wakes_who_waits_where_it_was_taken()
    {
        await using RedlockFactory one = await shared.ConnectAsync(3);
        await using RedlockFactory other = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        RedlockMutex mutex = one.CreateMutex(name, Waiters.Unpolled);
        LockHandle handle = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await one.MarkedAsync(name);
        LockToken elsewhere = LockToken.Parse(handle.Detach().Value);
        Assert.Equal(UnlockStatus.Released, await other.CreateMutex(name).UnlockAsync(elsewhere, TestContext.Current.CancellationToken));
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_holder_of_the_plain_pattern_wakes_nobody_and_is_polled()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        await factory.AskAllAsync("SET", name, "stranger", "NX", "PX", "3600000");
        MutexOptions polled = Waiters.Unpolled with { Delay = TimeSpan.FromMilliseconds(50), Tries = int.MaxValue };
        Task<LockHandle> waiting = factory.CreateMutex(name, polled)
            .LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.MarkedAsync(name);
        RespValue[] deleted = await factory.AskAllAsync("EVAL", PlainDelete, "1", name, "stranger");
        Assert.All(deleted, reply => Assert.Equal(1, reply.Integer));
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_holder_that_dies_is_followed_at_its_expiry()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        await factory.AskAllAsync("SET", name, "stranger", "NX", "PX", "700");
        LockHandle held = await factory.CreateMutex(name, Waiters.Unpolled)
            .LockAsync(TestContext.Current.CancellationToken).AsTask().SoonAsync();
        await held.DisposeAsync();
    }

    [Fact]
    public async Task Two_mutexes_of_one_name_stand_in_one_line()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        LockHandle held = await factory.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> first = factory.CreateMutex(name, Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(1);
        string prefix = name[..5];
        Task<LockHandle> second = factory.CreateMutex(name[5..], Waiters.Unpolled with { KeyPrefix = prefix })
            .LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(2);
        await held.DisposeAsync();
        LockHandle one = await first.SoonAsync();
        Assert.False(second.IsCompleted);
        await one.DisposeAsync();
        await (await second.SoonAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData("{order}:4711")]
    [InlineData("order{}4711")]
    [InlineData("}order{")]
    [InlineData("{{order}}")]
    [InlineData("with space\r\nand line \u2603")]
    public async Task Names_of_any_kind_are_waited_for(string kind)
    {
        await using RedlockFactory one = await shared.ConnectAsync(3);
        await using RedlockFactory other = await shared.ConnectAsync(3);
        string name = kind + Guid.NewGuid();
        LockHandle held = await one.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = LockAsync(other.CreateMutex(name, Waiters.Unpolled), Style.Awaited);
        await other.InLineAsync(1);
        await one.QuietAsync();
        await held.DisposeAsync();
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData("", "door:waiting")]
    [InlineData("", "door:fence")]
    [InlineData("door:wai", "ting")]
    [InlineData("{door}:fence", "")]
    public void Names_that_end_like_a_key_beside_a_lock_are_refused(string prefix, string name)
    {
        using RedlockFactory factory = RedlockFactory.Create("127.0.0.1:1");
        ArgumentException refusal = Assert.ThrowsAny<ArgumentException>(
            () => factory.CreateMutex(name, MutexOptions.Blocking with { KeyPrefix = prefix }));
        Assert.Contains("reserved", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<LockHandle> LockAsync(RedlockMutex mutex, Style style) => style == Style.Blocking
        ? Task.Factory.StartNew(() => mutex.Lock(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        : mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();

    private static async Task ReleaseAsync(RedlockMutex mutex, LockHandle handle, Release release)
    {
        switch (release)
        {
            case Release.Token:
                Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(handle.Token, TestContext.Current.CancellationToken));
                break;
            case Release.Text:
                LockToken text = LockToken.Parse(handle.Token.Value);
                Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(text, TestContext.Current.CancellationToken));
                break;
            case Release.Disposal:
                await handle.DisposeAsync();
                break;
            case Release.BlockingDisposal:
                handle.Dispose();
                break;
        }
    }
}
