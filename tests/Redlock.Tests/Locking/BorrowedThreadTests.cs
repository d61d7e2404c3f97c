using System.Diagnostics;
using System.Diagnostics.Metrics;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// Replies are read on threads that somebody else needs: a node's own, or that of a caller that blocks for one.
[Collection(nameof(ListeningAlone))]
public sealed class BorrowedThreadTests
{
    private static readonly MutexOptions _inline = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromMinutes(2),
        NodeTimeLimit = TimeSpan.FromSeconds(30),
        Continuation = ContinuationMode.Inline,
    };

    public enum Listener
    {
        Span,
        Meter,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Inline_code_never_runs_inside_the_monitor_of_another_caller_that_reads()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Token);
        object gate = new();
        bool isOver = false;
        Thread blocking = new(() =>
        {
            RedlockMutex mutex = locks.CreateMutex("blocking", _inline);
            while (!Volatile.Read(ref isOver))
            {
                lock (gate)
                {
                    mutex.Unlock(mutex.TryLock(CancellationToken.None).Token, CancellationToken.None);
                }
            }
        });
        blocking.Start();
        (int inside, int elsewhere) = await CycleAsync(locks.CreateMutex("inline", _inline), gate);
        Volatile.Write(ref isOver, true);
        blocking.Join();
        Assert.Equal(0, inside);
        Assert.NotEqual(0, elsewhere);
    }

    [Theory]
    [InlineData(Listener.Span)]
    [InlineData(Listener.Meter)]
    public async Task A_listener_that_blocks_a_caller_keeps_nobody_s_reply_unread(Listener kind)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Token);
        MutexOptions usual = _inline with { Continuation = ContinuationMode.ThreadPool };
        LockResult held = await locks.CreateMutex("held", usual).TryLockAsync(Token);
        using ManualResetEventSlim isHeldUp = new();
        using ManualResetEventSlim goOn = new();
        Thread? heldUp = null;
        void HoldUp()
        {
            if (Thread.CurrentThread == Volatile.Read(ref heldUp))
            {
                isHeldUp.Set();
                goOn.Wait(Eventually.Patience);
            }
        }

        using ActivityListener spans = new()
        {
            ShouldListenTo = source => kind == Listener.Span && source.Name == RedlockTelemetry.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _ => HoldUp(),
        };
        ActivitySource.AddActivityListener(spans);
        using MeterListener figures = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (kind == Listener.Meter && instrument.Name == "redlock.attempts.contended")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        figures.SetMeasurementEventCallback<long>((_, _, _, _) => HoldUp());
        figures.Start();
        Thread caller = new(() =>
        {
            RedlockMutex mutex = locks.CreateMutex("held", _inline);
            for (int cycle = 0; cycle < 100; cycle++)
            {
                mutex.TryLock(CancellationToken.None);
            }

            Volatile.Write(ref heldUp, Thread.CurrentThread);
            mutex.TryLock(CancellationToken.None);
        });
        caller.Start();
        try
        {
            Assert.True(isHeldUp.Wait(Eventually.Patience, Token));
            RedlockMutex other = locks.CreateMutex("other", usual);
            Task<bool> others = Task.Run(
                async () =>
                {
                    LockResult taken = await other.TryLockAsync(Token);
                    return taken.IsAcquired && await other.UnlockAsync(taken.Token, Token) == UnlockStatus.Released;
                },
                Token);
            Assert.True(await others.WaitAsync(TimeSpan.FromSeconds(20), Token));
            Assert.False(goOn.IsSet);
        }
        finally
        {
            goOn.Set();
            caller.Join();
        }

        await locks.CreateMutex("held", usual).UnlockAsync(held.Token, Token);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_blocking_call_in_inline_code_throws_at_once_with_the_reason(int nodes)
    {
        await using InMemoryNode one = InMemoryNode.Start();
        await using InMemoryNode two = InMemoryNode.Start();
        await using InMemoryNode three = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(new[] { one, two, three }.Take(nodes).Select(node => node.Endpoint));
        await Inspection.AllConnectedAsync(locks);
        RedlockMutex mutex = locks.CreateMutex("door", _inline);
        RedlockMutex other = locks.CreateMutex("other", _inline);
        (List<Exception?> thrown, LockToken kept) = await MisuseAsync(locks, mutex, other);
        Assert.All(thrown, one => Assert.Contains(
            "reads a node's replies", Assert.IsType<InvalidOperationException>(one).Message, StringComparison.Ordinal));

        // The refused release has given nothing up.
        Assert.True((await mutex.ExtendAsync(kept, Token)).IsExtended);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(kept, Token));
    }

    [Fact]
    public async Task A_handle_disposed_in_inline_code_is_released_and_waits_for_nothing()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Token);
        RedlockMutex mutex = locks.CreateMutex("door", _inline);
        await DisposeInlineAsync(mutex);
        Assert.Null(Assert.Single(await locks.StoredAsync("door")));
    }

    [Fact]
    public async Task A_blocking_call_in_a_node_s_handler_or_a_delay_function_throws_too()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Token);
        MutexOptions usual = _inline with { Continuation = ContinuationMode.ThreadPool };
        RedlockMutex mutex = locks.CreateMutex("door", usual);
        TaskCompletionSource<Exception?> inHandler = new(TaskCreationOptions.RunContinuationsAsynchronously);
        locks.Node(0).StateChanged += (_, _) => inHandler.TrySetResult(Record.Exception(() => { mutex.TryLock(CancellationToken.None); }));
        node.Faults.DropConnection(FaultMoment.BeforeExecuting);
        await mutex.TryLockAsync(Token);
        Assert.IsType<InvalidOperationException>(await inHandler.Task.SoonAsync());

        await Inspection.AllConnectedAsync(locks);
        LockResult held = await mutex.TryLockAsync(Token);
        RespThreadRole role = default;
        RedlockMutex waiting = locks.CreateMutex("door", usual with
        {
            Tries = 2,
            DelayFunction = _ =>
            {
                role = RespThread.Role;
                mutex.TryLock(CancellationToken.None);
                return TimeSpan.Zero;
            },
        });
        node.Faults.Delay = TimeSpan.FromMilliseconds(50);
        Exception? thrown;
        do
        {
            // A reply that comes while its caller still sends is acted upon by the caller, who may block.
            thrown = await Record.ExceptionAsync(() => waiting.LockAsync(Token).AsTask().SoonAsync());
        }
        while (role != RespThreadRole.Node);

        Assert.IsType<InvalidOperationException>(thrown);
        await mutex.UnlockAsync(held.Token, Token);
    }

    private static async Task<(int Inside, int Elsewhere)> CycleAsync(RedlockMutex mutex, object gate)
    {
        int inside = 0;
        int elsewhere = 0;
        for (int cycle = 0; cycle < 500; cycle++)
        {
            // Long enough for a caller to be reading by itself when the next request comes.
            await Task.Yield();
            Thread.Sleep(1);
            LockResult taken = await mutex.TryLockAsync(Token).ConfigureAwait(false);
            Look();
            await mutex.UnlockAsync(taken.Token, Token).ConfigureAwait(false);
            Look();
        }

        await Task.Yield();
        return (inside, elsewhere);

        void Look()
        {
            inside += Monitor.IsEntered(gate) ? 1 : 0;
            elsewhere += RespThread.Role == RespThreadRole.None ? 1 : 0;
        }
    }

    private static async Task<(List<Exception?> Thrown, LockToken Kept)> MisuseAsync(
        RedlockFactory locks, RedlockMutex mutex, RedlockMutex other)
    {
        while (true)
        {
            LockResult taken = await mutex.TryLockAsync(Token).ConfigureAwait(false);
            if (RespThread.Role != RespThreadRole.Node)
            {
                await mutex.UnlockAsync(taken.Token, Token).ConfigureAwait(false);
                continue;
            }

            List<Exception?> thrown =
            [
                Record.Exception(() => { other.Lock(CancellationToken.None); }),
                Record.Exception(() => { other.TryLock(CancellationToken.None); }),
                Record.Exception(() => { mutex.Extend(taken.Token, CancellationToken.None); }),
                Record.Exception(() => { mutex.Unlock(taken.Token, CancellationToken.None); }),
                Record.Exception(() => { other.WithLock(static () => { }, CancellationToken.None); }),
                Record.Exception(() => { locks.Node(0).Send("PING"); }),
            ];
            await Task.Yield();
            return (thrown, taken.Token);
        }
    }

    private static async Task DisposeInlineAsync(RedlockMutex mutex)
    {
        while (true)
        {
            LockHandle held = await mutex.LockAsync(Token).ConfigureAwait(false);
            if (RespThread.Role == RespThreadRole.Node)
            {
                held.Dispose();
                await Task.Yield();
                return;
            }

            await held.DisposeAsync().ConfigureAwait(false);
        }
    }
}
