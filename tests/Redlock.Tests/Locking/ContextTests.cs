using System.Diagnostics;
using System.IO.Pipelines;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class ContextTests
{
    [Theory]
    [InlineData(ContinuationMode.ThreadPool)]
    [InlineData(ContinuationMode.Inline)]
    public async Task No_thread_timer_or_listener_sees_the_context_of_whoever_made_the_factory_and_each_caller_sees_its_own(
        ContinuationMode continuation)
    {
        ContextWitness witness = new();
        ContextClock clock = new(witness);
        ContextWitness.Flow = "maker";
        using Activity making = new Activity("making").Start();

        // The node's own clock is watched too: the stand-in's delays are timers.
        await using InMemoryNode server = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = clock });
        Dialer dialer = Dialer.From("watched", token =>
        {
            witness.Look("dialer");
            return new ValueTask<IDuplexPipe>(new WatchedPipe(server.Connect(), witness));
        });
        await using RespNode node = new(
            dialer, new RespNodeOptions
            {
                TimeProvider = clock,
                ReconnectDelay = TimeSpan.FromMilliseconds(1),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(5),
            });
        node.StateChanged += (_, _) => witness.Look("state");
        await using RedlockFactory factory = new(node);
        factory.LockLost += (_, _) => witness.Look("lost");
        factory.ReleaseUnknown += (_, _) => witness.Look("unknown");
        factory.NodeTroubled += (_, _) => witness.Look("troubled");
        factory.LockOutlasted += (_, _) => witness.Look("outlasted");
        await factory.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).SoonAsync();

        making.Stop();
        ContextWitness.Flow = "caller";
        using Activity calling = new Activity("calling").Start();
        MutexOptions options = new()
        {
            Expiry = TimeSpan.FromMilliseconds(900),
            Tries = 3,
            Delay = TimeSpan.FromMilliseconds(2),
            NodeTimeLimit = TimeSpan.FromMilliseconds(200),
            Renew = RenewOptions.Every(0.1, TimeSpan.FromSeconds(30)),
            Continuation = continuation,
        };
        RedlockMutex mutex = factory.CreateMutex("door", options);
        await using (await mutex.LockAsync(TestContext.Current.CancellationToken))
        {
            SeesItsOwn(calling);

            // Contended, with pauses between the tries.
            RedlockMutex other = factory.CreateMutex("door", options with { Renew = null });
            Assert.False(await other.WithLockAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken));
            SeesItsOwn(calling);
            server.Faults.LoseAllData();
            await Eventually.Holds(() => witness.Seen.ContainsKey("lost"));
        }

        SeesItsOwn(calling);

        // Time-outs, a release that ends unknown, and a new connection.
        LockResult held = await factory.CreateMutex("gate", options with { Renew = null }).TryLockAsync(
            TestContext.Current.CancellationToken);
        server.Faults.Silence(FaultMoment.BeforeExecuting);
        Assert.Equal(UnlockStatus.Unknown, await factory.CreateMutex("gate", options with { Renew = null }).UnlockAsync(
            held.Token, TestContext.Current.CancellationToken));
        SeesItsOwn(calling);
        await Eventually.Holds(() => witness.Seen.ContainsKey("unknown") && witness.Seen.ContainsKey("troubled"));
        server.Faults.Clear();
        server.Restart(NodeData.Lose);
        await Eventually.Holds(() => witness.Seen.ContainsKey("state"));
        await factory.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).SoonAsync();
        SeesItsOwn(calling);

        Assert.All(witness.Seen, static look => Assert.Equal("nothing, no span", $"{look.Value}"));
        Assert.Equal(
            ["dialer", "lost", "reader", "state", "timer", "troubled", "unknown"],
            witness.Seen.Keys.Where(place => place != "outlasted").Order());
    }

    private static void SeesItsOwn(Activity calling)
    {
        Assert.Equal("caller", ContextWitness.Flow);
        Assert.Same(calling, Activity.Current);
    }

    // Its reader is asked by whoever serves the node.
    private sealed class WatchedPipe(IDuplexPipe inner, ContextWitness witness) : IDuplexPipe
    {
        public PipeReader Input { get; } = new WatchedReader(inner.Input, witness);

        public PipeWriter Output => inner.Output;
    }

    private sealed class WatchedReader(PipeReader inner, ContextWitness witness) : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            witness.Look("reader");
            return inner.ReadAsync(cancellationToken);
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
