using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class EventHandlerTests
{
    [Fact]
    public async Task A_handler_that_throws_is_counted_and_the_others_are_told()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName, nameof(InvalidTimeZoneException));
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<LossReason> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.LockLost += (_, _) => throw new InvalidTimeZoneException();
        quorum.Factory.LockLost += (_, loss) => lost.SetResult(loss.Reason);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Someone);
        Assert.Equal(LossReason.Refused, await lost.Task.SoonAsync());
        Assert.False(held.IsHeld);
        Assert.Equal([(1.0, $"error.type={typeof(InvalidTimeZoneException).FullName}")], log.Of("redlock.handlers.failed"));
    }

    [Fact]
    public async Task So_it_is_with_a_release_that_ended_unknown()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName, nameof(BadImageFormatException));
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.ReleaseUnknown += (_, _) => throw new BadImageFormatException();
        quorum.Factory.ReleaseUnknown += (_, release) => told.SetResult(release.Name);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAllAt(1, "-LOADING wait\r\n");
        await releasing;
        Assert.Equal("door", await told.Task.SoonAsync());
        Assert.Single(log.Of("redlock.handlers.failed"));
    }

    [Fact]
    public async Task A_handler_of_a_node_that_throws_is_counted_and_the_factory_is_disposed_to_its_end()
    {
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start();
        using MeasurementLog log = new(RedlockTelemetry.NodeMeterName, nameof(InvalidTimeZoneException));
        RedlockFactory factory = RedlockFactory.Create(first.Endpoint, second.Endpoint);
        await Inspection.AllConnectedAsync(factory);
        factory.Node(0).StateChanged += (_, _) => throw new InvalidTimeZoneException();
        factory.Dispose();
        Assert.Equal(RespNodeState.Disposed, factory.Node(1).State);
        string server = $"server.address={first.Endpoint.Replace(":", " server.port=", StringComparison.Ordinal)}";
        Assert.Equal(
            [(1.0, $"{server} error.type={typeof(InvalidTimeZoneException).FullName}")],
            log.Of("resp.handlers.failed"));
    }
}
