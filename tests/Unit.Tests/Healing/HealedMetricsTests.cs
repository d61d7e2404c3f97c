using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What is counted on the thread pool comes from nobody's flow of control.
[Collection(nameof(ListeningAlone))]
public class HealedMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_counted_where_it_was_set()
    {
        using ScriptedQuorum quorum = new(3);
        using MeasurementLog log = new(RedlockTelemetry.MeterName, onlyTagged: "redlock.node=node2");
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = (await quorum.TakeAsync(mutex)).Token;
        for (int round = 0; round < 3; round++)
        {
            ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
            quorum.Nodes[2].Reply(1 + (2 * round), ScriptedQuorum.NothingThere);
            quorum.Nodes[0].Reply(1 + round, ScriptedQuorum.Done);
            quorum.Nodes[1].Reply(1 + round, ScriptedQuorum.Done);
            Assert.True((await extending).IsExtended);
        }

        quorum.Nodes[2].Reply(2, ScriptedQuorum.Nil);
        quorum.Nodes[2].Reply(4, ScriptedQuorum.Ok);
        quorum.Nodes[2].Fail(6, RequestFailure.TimedOut);
        await Eventually.Holds(() => log.Of("redlock.healed").Count > 0);
        Assert.Equal([(1, "redlock.node=node2")], log.Of("redlock.healed"));
    }
}
