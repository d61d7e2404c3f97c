using System.Diagnostics;

namespace Redlock.Fast.Unit.Tests;

// Another listener that asks for more would be given it, and so would this one.
[Collection(nameof(ListeningAlone))]
public class PropagatedSpanTests
{
    [Fact]
    public async Task A_span_that_is_only_passed_on_carries_no_outcome()
    {
        using SpanLog log = new(ActivitySamplingResult.PropagationData);
        using ScriptedQuorum quorum = new(3);
        await quorum.TakeAsync(quorum.Mutex());
        Assert.Null(Assert.Single(log.Stopped).GetTagItem("redlock.status"));
    }
}
