namespace Redlock.Fast.Tests;

/// <summary>Locks of three weeks for which their callers wait, with nothing that could end the waiting.</summary>
public sealed class ThreeWeeksTests(SharedNodes shared)
{
    // The answer to PTTL.
    private const long NoKey = -2;

    private static readonly TimeSpan _expiry = TimeSpan.FromDays(21);

    [Theory]
    [MemberData(nameof(Calls.Everywhere), MemberType = typeof(Calls))]
    public async Task Waited_for_without_a_token_it_is_taken_extended_and_released(int nodes, Wire wire, Style style)
    {
        Calls calls = new(style, CancellationToken.None);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        int tries = 0;
        RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.Blocking with
        {
            Expiry = _expiry,
            Tries = int.MaxValue,
            DelayFunction = tried =>
            {
                Volatile.Write(ref tries, tried);
                return TimeSpan.FromMilliseconds(5);
            },
        });
        LockHandle first = await calls.LockAsync(mutex).SoonAsync();
        await AssertWholeAsync(factory, mutex, first);

        Task<LockHandle> waiting = calls.LockAsync(mutex);
        await Eventually.Holds(() => Volatile.Read(ref tries) >= 3, "the other waits");
        Assert.False(waiting.IsCompleted);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, first).SoonAsync());
        LockHandle second = await waiting.SoonAsync();
        await AssertWholeAsync(factory, mutex, second);

        await factory.AskAllAsync("PEXPIRE", name, "3600000");
        ExtendResult extended = await calls.ExtendAsync(mutex, second).SoonAsync();
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        await AssertWholeAsync(factory, mutex, extended.Token);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token).SoonAsync());
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    private static async Task AssertWholeAsync(RedlockFactory factory, RedlockMutex mutex, LockToken token)
    {
        Assert.InRange(mutex.Remaining(token), _expiry * 0.98, _expiry);

        // A node that was asked by the waiter before it was told of the release has no key.
        long[] keys = [.. (await factory.TimeToLiveAsync(mutex.Name)).Where(left => left != NoKey)];
        Assert.InRange(keys.Length, mutex.Quorum, factory.Nodes.Count);
        Assert.All(keys, left => Assert.InRange(TimeSpan.FromMilliseconds(left), _expiry - Eventually.Patience, _expiry));
    }
}
