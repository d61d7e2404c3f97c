using System.Collections.Concurrent;

namespace Redlock.Fast.Tests;

// What a caller finds behind each await is its own, wherever the reply was read.
public class FlowTests(SharedNodes shared)
{
    private static readonly AsyncLocal<string?> _local = new();

    public static TheoryData<int, ContinuationMode> Modes => new(
        from nodes in (int[])[1, 3] from mode in Enum.GetValues<ContinuationMode>() select (nodes, mode));

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Async_locals_are_the_caller_s(int nodes, ContinuationMode mode)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async flow =>
        {
            string own = $"flow {flow}";
            _local.Value = own;
            await CallAllAsync(factory, mode, () => Assert.Equal(own, _local.Value));
        }));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_caller_in_a_synchronization_context_stays_in_it(int nodes, ContinuationMode mode)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        using OneThreadContext context = new();
        await context.RunAsync(() => CallAllAsync(factory, mode, () =>
        {
            Assert.Same(context, SynchronizationContext.Current);
            Assert.Same(context.Thread, Thread.CurrentThread);
        })).SoonAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_caller_on_an_exclusive_scheduler_stays_alone_on_it(int nodes, ContinuationMode mode)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes);
        ConcurrentExclusiveSchedulerPair pair = new();
        int inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => CallAllAsync(factory, mode, () =>
            {
                Assert.Same(pair.ExclusiveScheduler, TaskScheduler.Current);
                Assert.Equal(1, Interlocked.Increment(ref inside));
                Thread.SpinWait(100);
                Interlocked.Decrement(ref inside);
            }),
            CancellationToken.None,
            TaskCreationOptions.None,
            pair.ExclusiveScheduler).Unwrap()));
    }

    private static async Task<bool> CallAllAsync(RedlockFactory factory, ContinuationMode mode, Action look)
    {
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), new MutexOptions { Continuation = mode });
        for (int cycle = 0; cycle < 50; cycle++)
        {
            LockResult taken = await mutex.TryLockAsync();
            look();
            Assert.True((await mutex.ExtendAsync(taken.Token)).IsExtended);
            look();
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token));
            look();
            await using (LockHandle held = await mutex.LockAsync())
            {
                look();
            }

            look();
            Assert.True(await mutex.WithLockAsync(static async _ => await Task.Yield()));
            look();
            using CancellationTokenSource cancellation = new();
            LockHandle blocking = await mutex.LockAsync();
            Task<LockHandle> waiting = mutex.LockAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            look();
            await blocking.DisposeAsync();
            look();
        }

        return true;
    }

    private sealed class OneThreadContext : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posted = [];

        public OneThreadContext()
        {
            Thread = new Thread(() =>
            {
                SetSynchronizationContext(this);
                foreach ((SendOrPostCallback callback, object? state) in _posted.GetConsumingEnumerable())
                {
                    callback(state);
                }
            });
            Thread.Start();
        }

        public Thread Thread { get; }

        public override void Post(SendOrPostCallback d, object? state) => _posted.Add((d, state));

        public Task<bool> RunAsync(Func<Task<bool>> work)
        {
            TaskCompletionSource<Task<bool>> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(_ => started.SetResult(work()), null);
            return started.Task.Unwrap();
        }

        public void Dispose()
        {
            _posted.CompleteAdding();
            Thread.Join();
            _posted.Dispose();
        }
    }
}
