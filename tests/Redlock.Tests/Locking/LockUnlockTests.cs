namespace Redlock.Fast.Tests;

public class LockUnlockTests(SharedNodes shared)
{
    public static TheoryData<int, Wire, Style> Everywhere => Calls.Everywhere;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Try_takes_a_free_name_once(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory first = await shared.ConnectAsync(nodes, wire);
        using RedlockFactory second = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = first.PatientMutex(name);
        RedlockMutex other = second.PatientMutex(name);

        LockResult taken = await calls.TryLockAsync(mutex);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        Assert.True(taken.IsAcquired);
        Assert.InRange(mutex.Remaining(taken.Token), TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(7918));
        Assert.All(await first.StoredAsync(name), value => Assert.Equal(taken.Token.Value, value));
        Assert.All(await first.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1, 8000));

        foreach (RedlockMutex contender in (RedlockMutex[])[mutex, other])
        {
            LockResult refused = await calls.TryLockAsync(contender);
            Assert.Equal(LockStatus.Contended, refused.Status);
            Assert.True(refused.Token.IsDefault);
            Assert.False(refused.IsAcquired);
        }

        Assert.All(await first.StoredAsync(name), value => Assert.Equal(taken.Token.Value, value));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));
        Assert.All(await first.StoredAsync(name), Assert.Null);
        LockResult next = await calls.TryLockAsync(other);
        Assert.True(next.IsAcquired);
        Assert.NotEqual(taken.Token.Value, next.Token.Value);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(other, next.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_second_client_waits_and_gets_it(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory first = await shared.ConnectAsync(nodes, wire);
        using RedlockFactory second = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex holder = first.PatientMutex(name);
        int waits = 0;
        RedlockMutex waiter = second.PatientMutex(name, new MutexOptions
        {
            Tries = int.MaxValue,
            DelayFunction = _ =>
            {
                Interlocked.Increment(ref waits);
                return TimeSpan.FromMilliseconds(1);
            },
        });

        LockHandle held = await calls.LockAsync(holder);
        Task<LockHandle> waiting = calls.LockAsync(waiter);
        await Eventually.Holds(() => Volatile.Read(ref waits) > 3, "the waiter has tried several times");
        Assert.False(waiting.IsCompleted);
        await calls.DisposeAsync(held);
        LockHandle got = await waiting.SoonAsync();
        Assert.True(got.IsHeld);

        // A node that had not yet heard of the release when the waiter asked it is not among its own.
        Assert.InRange((await second.StoredAsync(name)).Count(value => value == got.Value), waiter.Quorum, nodes);
        await calls.DisposeAsync(got);
        await first.StoredAsync(name);
        Assert.All(await second.StoredAsync(name), Assert.Null);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Lock_says_who_stood_in_the_way_after_its_last_try(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.Blocking with { Tries = 2, Delay = TimeSpan.Zero });
        LockResult held = await calls.TryLockAsync(mutex);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => calls.LockAsync(mutex));
        Assert.Equal(LockStatus.Contended, failure.Status);
        Assert.Equal(2, failure.Tries);
        Assert.Equal(name, failure.Name);
        Assert.Equal(nodes, failure.Nodes.Count);
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("held by another owner (tries: 2)", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{factory.Nodes[0].Name}: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, held.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Unlock_releases_once_and_never_another_s(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        LockResult first = await calls.TryLockAsync(mutex);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, first.Token));
        Assert.Equal(UnlockStatus.NotHeld, await calls.UnlockAsync(mutex, first.Token));
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Vote == NodeVote.NothingThere);

        LockResult second = await calls.TryLockAsync(mutex);
        Assert.Equal(UnlockStatus.NotHeld, await calls.UnlockAsync(mutex, first.Token));
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Vote == NodeVote.HeldByOther);
        Assert.All(await factory.StoredAsync(name), value => Assert.Equal(second.Token.Value, value));
        Assert.Equal(UnlockStatus.NotHeld, await calls.UnlockAsync(mutex, default));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, second.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_mutex_never_contends_with_its_own_release(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName());
        for (int cycle = 0; cycle < 100; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(mutex);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task The_last_attempt_tells_what_each_node_said(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName());
        Assert.Equal(factory.Nodes.Select(node => new NodeOutcome(node.Name, NodeVote.NotAwaited, null)), mutex.LastAttemptByAnyone);

        LockResult taken = await calls.TryLockAsync(mutex);
        AssertVotes(NodeVote.Granted, mutex.Quorum);
        await calls.TryLockAsync(mutex);
        AssertVotes(NodeVote.HeldByOther, nodes - mutex.Quorum + 1);
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.ToString() == $"{outcome.Node}: HeldByOther");
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));
        AssertVotes(NodeVote.Granted, mutex.Quorum);

        void AssertVotes(NodeVote vote, int atLeast)
        {
            Assert.Equal(factory.Nodes.Select(node => node.Name), mutex.LastAttemptByAnyone.Select(outcome => outcome.Node));
            Assert.All(
                mutex.LastAttemptByAnyone,
                outcome => Assert.True(outcome.Vote == vote || outcome.Vote == NodeVote.NotAwaited, outcome.ToString()));
            Assert.InRange(mutex.LastAttemptByAnyone.Count(outcome => outcome.Vote == vote), atLeast, nodes);
            Assert.All(mutex.LastAttemptByAnyone, outcome => Assert.Null(outcome.Error));
        }
    }
}
