namespace Redlock.Fast.Tests;

public class WithLockTests(SharedNodes shared)
{
    public static TheoryData<int, Wire, Style> Everywhere => Calls.Everywhere;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Runs_under_the_lock_or_not_at_all(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking);
        int runs = 0;
        Assert.True(await calls.WithLockAsync(mutex, async () =>
        {
            runs++;
            Assert.All(await factory.StoredAsync(name), Assert.NotNull);
            Assert.False(await calls.WithLockAsync(mutex, () => Task.FromException(new InvalidOperationException("ran twice"))));
        }));
        Assert.Equal(1, runs);
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Releases_when_the_function_throws_and_passes_it_on(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking);
        InvalidTimeZoneException fault = new();
        Assert.Same(fault, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => calls.WithLockAsync(mutex, () => throw fault)));
        Assert.Same(
            fault, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => calls.WithLockAsync(mutex, () => Task.FromException(fault))));
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Fact]
    public async Task A_function_of_either_kind_gets_a_token_that_the_caller_cancels()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName());
        using CancellationTokenSource cancellation = new();
        Assert.True(await mutex.WithLockAsync(
            async token =>
            {
                await Task.Yield();
                Assert.False(token.IsCancellationRequested);
            },
            cancellation.Token));
        Assert.True(await mutex.WithLockAsync(
            token =>
            {
                Assert.False(token.IsCancellationRequested);
                cancellation.Cancel();
                Assert.True(token.IsCancellationRequested);
                return Task.CompletedTask;
            },
            cancellation.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Who_may_not_run_is_told_who_is_in_the_way(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking);
        await using LockResult taken = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Assert.InRange(taken.Nodes.Count(node => node.Vote == NodeVote.Granted), RedlockFactory.Quorum(nodes), nodes);
        WithLockResult refused = await calls.WithLockAsync(mutex, () => throw new InvalidOperationException("it ran"));
        Assert.Equal((LockStatus.Contended, 1, nodes), (refused.Status, refused.Tries, refused.Nodes.Count));
        Assert.Contains($"'{mutex.Name}' is held by another owner (tries: 1)", refused.ToString(), StringComparison.Ordinal);
        Assert.All(factory.Nodes, node => Assert.Contains(node.Name, refused.ToString(), StringComparison.Ordinal));
        Assert.Equal(refused.ToString(), Assert.Throws<LockFailedException>(refused.ThrowUnlessRun).Message);
    }
}
