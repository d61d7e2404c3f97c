using System.Diagnostics;

namespace Redlock.Fast.Tests;

public class TraceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acquire_extend_and_release_are_spans_below_the_callers()
    {
        using ActivitySource tests = new($"test-{Guid.NewGuid()}");
        using ActivityListener listener = Listen(tests.Name);
        using Activity caller = Assert.IsType<Activity>(tests.StartActivity("caller"));
        List<Activity> stopped = [];
        listener.ActivityStopped = activity =>
        {
            if (activity.TraceId == caller.TraceId)
            {
                stopped.Add(activity);
            }
        };
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        Assert.Same(caller, Activity.Current);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        Assert.Same(caller, Activity.Current);
        quorum.ReplyAll(ScriptedQuorum.Done);
        await extending;
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
        Assert.Same(caller, Activity.Current);
        Assert.Equal(["acquire", "extend", "release"], stopped.Select(activity => activity.OperationName));
        Assert.All(stopped, activity =>
        {
            Assert.Equal(ActivityKind.Client, activity.Kind);
            Assert.Equal(caller.SpanId, activity.ParentSpanId);
            Assert.Equal("redis", activity.GetTagItem("db.system.name"));
            Assert.Equal("door", activity.GetTagItem("redlock.name"));
            Assert.Equal(ActivityStatusCode.Unset, activity.Status);
        });
        Assert.Equal(["Acquired", "Extended", "Released"], stopped.Select(activity => activity.GetTagItem("redlock.status")));
        Assert.Equal(["SET", "EVALSHA", "EVALSHA"], stopped.Select(activity => activity.GetTagItem("db.operation.name")));
    }

    [Theory]
    [InlineData(ScriptedQuorum.Nil, ActivityStatusCode.Unset)]
    [InlineData("-LOADING wait\r\n", ActivityStatusCode.Error)]
    public async Task An_outage_is_an_error_and_contention_is_none(string reply, ActivityStatusCode expected)
    {
        using ActivitySource tests = new($"test-{Guid.NewGuid()}");
        using ActivityListener listener = Listen(tests.Name);
        using Activity caller = Assert.IsType<Activity>(tests.StartActivity("caller"));
        List<Activity> stopped = [];
        listener.ActivityStopped = activity =>
        {
            if (activity.TraceId == caller.TraceId)
            {
                stopped.Add(activity);
            }
        };
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.ReplyAllAt(0, reply);
        await pending;
        Assert.Equal(expected, Assert.Single(stopped).Status);
    }

    private static ActivityListener Listen(string tests)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "Redlock.Fast" || source.Name == tests,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
