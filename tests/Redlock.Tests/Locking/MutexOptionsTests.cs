using System.Text;

namespace Redlock.Fast.Tests;

public class MutexOptionsTests(SharedNodes shared)
{
    public static TheoryData<string> Names => new(
        $"first\r\nsecond\r\n{Guid.NewGuid():N}",
        $"nul\0\0{Guid.NewGuid():N}",
        $"emoji \ud83d\udd12 \u00e9 {Guid.NewGuid():N}",
        $"*1\r\n$8\r\nFLUSHALL\r\n{Guid.NewGuid():N}",
        $"{Guid.NewGuid():N}{new string('x', (64 * 1024) - 32)}",
        $"{Guid.NewGuid():N}{string.Concat(Enumerable.Repeat("\ud83d\udd12", (64 * 1024 / 4) - 8))}");

    [Fact]
    public void Presets_are_what_they_say()
    {
        MutexOptions blocking = MutexOptions.Blocking;
        Assert.Equal(
            (TimeSpan.FromSeconds(8), 32, TimeSpan.FromMilliseconds(500), 0.01),
            (blocking.Expiry, blocking.Tries, blocking.Delay, blocking.Factor));
        Assert.Equal(blocking with { Tries = 1 }, MutexOptions.NonBlocking);
        Assert.Equal(new MutexOptions(), blocking);
        Assert.Null(blocking.Quorum);
        Assert.Null(blocking.DelayFunction);
        Assert.Equal(string.Empty, blocking.KeyPrefix);
        Assert.Equal(ContinuationMode.ThreadPool, blocking.Continuation);
        Assert.Equal(ReleaseMode.Confirmed, blocking.Release);
    }

    [Fact]
    public async Task A_mutex_says_what_it_is()
    {
        using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex("door");
        Assert.Equal("door (tries 32, expiry 8 s, quorum 2 of 3 nodes)", mutex.ToString());
        Assert.Equal("door", mutex.Name);
        Assert.Equal(2, mutex.Quorum);
        Assert.Same(MutexOptions.Blocking, mutex.Options);
    }

    [Theory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public async Task Any_text_is_a_name(string name)
    {
        foreach (Wire wire in Enum.GetValues<Wire>())
        {
            using RedlockFactory factory = await shared.ConnectAsync(3, wire);
            RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.Blocking with { NodeTimeLimit = TimeSpan.FromSeconds(5) });
            Assert.Equal(name, mutex.Name);
            LockResult taken = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            Assert.All(await factory.StoredAsync(name), value => Assert.Equal(taken.Token.Value, value));
            Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(TestContext.Current.CancellationToken)).Status);
            Assert.True((await mutex.ExtendAsync(taken.Token, TestContext.Current.CancellationToken)).IsExtended);
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, TestContext.Current.CancellationToken));
            Assert.All(await factory.StoredAsync(name), Assert.Null);
        }
    }

    [Fact]
    public async Task The_prefix_stands_in_the_key_and_not_in_the_name()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking with { KeyPrefix = "locks:" });
        Assert.Equal(name, mutex.Name);
        await using LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Assert.Equal([held.Value], await factory.StoredAsync("locks:" + name));
        Assert.Equal([null], await factory.StoredAsync(name));
        Assert.True((await factory.PatientMutex(name).TryLockAsync(TestContext.Current.CancellationToken)).IsAcquired);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task The_delay_function_is_asked_between_tries_only(Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(3);
        List<int> asked = [];
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), new MutexOptions
        {
            Tries = 5,
            DelayFunction = attempt =>
            {
                asked.Add(attempt);

                // Less than nothing is nothing.
                return TimeSpan.FromMilliseconds(attempt - 2);
            },
        });
        Assert.True((await calls.TryLockAsync(mutex)).IsAcquired);
        Assert.Equal(LockStatus.Contended, (await calls.TryLockAsync(mutex)).Status);
        Assert.Empty(asked);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => calls.LockAsync(mutex));
        Assert.Equal(5, failure.Tries);
        Assert.Equal([1, 2, 3, 4], asked);
    }

    [Fact]
    public async Task A_higher_quorum_needs_more_nodes()
    {
        using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        RedlockMutex majority = factory.PatientMutex(name, MutexOptions.NonBlocking);
        RedlockMutex all = factory.PatientMutex(name, MutexOptions.NonBlocking with { Quorum = 3 });
        Assert.Equal(3, all.Quorum);
        await factory.Node(1).SendAsync("SET", name, "someone", "PX", "60000");
        Assert.Equal(LockStatus.Contended, (await all.TryLockAsync(TestContext.Current.CancellationToken)).Status);
        Assert.Equal([null, "someone", null], await factory.StoredAsync(name));
        LockResult taken = await majority.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.True(taken.IsAcquired);
        Assert.Equal([taken.Token.Value, "someone", taken.Token.Value], await factory.StoredAsync(name));
        Assert.Equal(UnlockStatus.NotHeld, await all.UnlockAsync(taken.Token, TestContext.Current.CancellationToken));
        await factory.AskAllAsync("DEL", name);
        taken = await all.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.Equal(UnlockStatus.Released, await all.UnlockAsync(taken.Token, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_inline_continuation_runs_on_the_reader_and_another_never_does()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        RedlockMutex pooled = factory.PatientMutex(Inspection.NewName());
        RedlockMutex inline = factory.PatientMutex(
            Inspection.NewName(), MutexOptions.Blocking with { Continuation = ContinuationMode.Inline });
        for (int cycle = 0; cycle < 50; cycle++)
        {
            Assert.DoesNotContain(factory.Nodes[0].Name, await ContinuedOnAsync(pooled), StringComparison.Ordinal);
        }

        await Eventually.Holds(
            async () => (await ContinuedOnAsync(inline)).Contains(factory.Nodes[0].Name, StringComparison.Ordinal),
            "a continuation ran on the reader's thread");
    }

    [Fact]
    public void A_key_is_the_UTF8_of_prefix_and_name() =>
        Assert.Equal("p:\u00e9\0\r\n\ud83d\udd12", Encoding.UTF8.GetString(MutexKey.Encode("p:", "\u00e9\0\r\n\ud83d\udd12")));

    /// <summary>The name of the thread behind the await; outside of the test itself, whose context would take the continuation.</summary>
    private static async Task<string> ContinuedOnAsync(RedlockMutex mutex)
    {
        LockResult taken = await mutex.TryLockAsync(CancellationToken.None).ConfigureAwait(false);
        string thread = Thread.CurrentThread.Name ?? string.Empty;
        await Task.Yield();
        await mutex.UnlockAsync(taken.Token, CancellationToken.None).ConfigureAwait(false);
        await Task.Yield();
        return thread;
    }
}
