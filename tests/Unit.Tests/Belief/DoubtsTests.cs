using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Whose votes are not believed, and until when, under a clock that stands still.</summary>
public sealed class DoubtsTests : IDisposable
{
    private static readonly TimeSpan _quarantine = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _clock = new();
    private readonly LockEvents _events = new();
    private readonly IntroducedChannel[] _nodes;
    private readonly Doubts _doubts;

    public DoubtsTests()
    {
        _nodes = [new IntroducedChannel("one", _clock), new IntroducedChannel("two", _clock)];
        QuorumClock clock = new(_clock);
        _doubts = new Doubts(_nodes, clock, new NodeTroubles(_nodes, clock, _events), _quarantine, factory: 0);
    }

    public void Dispose() => _doubts.Dispose();

    [Fact]
    public void A_server_is_doubted_until_it_has_been_up_for_so_long()
    {
        Meet(0, "a", uptimeSeconds: 3);
        Assert.Equal((NodeVote.Failed, NodeCause.Quarantined), Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
        Assert.Null(Doubt(0, NodeVote.HeldByOther, VoteUse.Acquisition));
        Assert.Null(Doubt(0, NodeVote.Granted, VoteUse.Holding));
        Assert.Null(Doubt(1, NodeVote.Granted, VoteUse.Acquisition));
        _clock.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.NotNull(Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
        Assert.False(_doubts.AreAny);
    }

    // Without a name a server that restarted looks like the one before.
    [Theory]
    [InlineData(null, null)]
    [InlineData("a", "b")]
    public void One_that_restarts_within_it_begins_anew(string? before, string? after)
    {
        Meet(0, before, uptimeSeconds: 0);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Meet(0, after, uptimeSeconds: 0);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
    }

    [Fact]
    public void The_second_address_of_a_server_has_no_vote_in_anything()
    {
        Meet(0, "a", uptimeSeconds: 1000);
        Meet(1, "a", uptimeSeconds: 1000);
        foreach (NodeVote vote in (NodeVote[])[NodeVote.Granted, NodeVote.HeldByOther, NodeVote.NothingThere])
        {
            Assert.Equal((NodeVote.Misconfigured, NodeCause.Twin), Doubt(1, vote, VoteUse.Holding));
            Assert.Equal((NodeVote.Misconfigured, NodeCause.Twin), Doubt(1, vote, VoteUse.Acquisition));
            Assert.Null(Doubt(0, vote, VoteUse.Acquisition));
        }

        Meet(0, "b", uptimeSeconds: 1000);
        Assert.False(_doubts.AreAny);
    }

    [Theory]
    [InlineData(null, 1000)]
    [InlineData(null, null)]
    [InlineData("a", null)]
    public void Who_does_not_say_is_believed(string? runId, int? uptimeSeconds)
    {
        Meet(0, runId, uptimeSeconds);
        Meet(1, runId is null ? null : "b", uptimeSeconds);
        Assert.False(_doubts.AreAny);
    }

    // Whoever watches comes after the nodes, which may be connected by then.
    [Fact]
    public async Task It_is_told_to_whoever_watches_when_a_vote_is_taken_away()
    {
        Meet(0, "a", uptimeSeconds: 0);
        TaskCompletionSource<NodeTroubledEventArgs> told = new();
        _events.NodeTroubled += (_, trouble) => told.TrySetResult(trouble);
        Assert.NotNull(Doubt(0, NodeVote.Granted, VoteUse.Acquisition));
        NodeTroubledEventArgs trouble = await told.Task.SoonAsync();
        Assert.Equal((NodeTrouble.Quarantined, "one"), (trouble.Trouble, trouble.Node));
        Assert.StartsWith("one: in quarantine for 10 s more: ", trouble.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_words_are_made_once_a_second()
    {
        Meet(0, "a", uptimeSeconds: 0);
        Assert.True(_doubts.TryDoubt(0, NodeVote.Granted, VoteUse.Acquisition, out NodeOutcome first));
        Assert.True(_doubts.TryDoubt(0, NodeVote.Granted, VoteUse.Acquisition, out NodeOutcome second));
        Assert.Same(first.Error, second.Error);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_doubts.TryDoubt(0, NodeVote.Granted, VoteUse.Acquisition, out NodeOutcome third));
        Assert.StartsWith("one: in quarantine for 9 s more: ", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_known_of_servers_is_told()
    {
        Assert.Equal([new NodeBelief("one"), new NodeBelief("two")], _doubts.Told());
        Meet(0, "a", uptimeSeconds: 3);
        Meet(1, null, uptimeSeconds: null);
        NodeBelief[] told = _doubts.Told();
        Assert.Equal((NodeCause.Quarantined, "a"), (told[0].Doubt, told[0].Server?.RunId));
        Assert.StartsWith("one: in quarantine for 7 s more: ", told[0].Words, StringComparison.Ordinal);
        Assert.Equal((NodeCause.None, null), (told[1].Doubt, told[1].Words));
        Assert.NotNull(told[1].Server);
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal((NodeCause.None, null), (_doubts.Told()[0].Doubt, _doubts.Told()[0].Words));
        Meet(1, "a", uptimeSeconds: 10);
        Assert.Equal(NodeCause.Twin, _doubts.Told()[1].Doubt);
    }

    private (NodeVote Vote, NodeCause Cause)? Doubt(int node, NodeVote vote, VoteUse use) =>
        _doubts.TryDoubt(node, vote, use, out NodeOutcome outcome) ? (outcome.Vote, outcome.Cause) : null;

    private void Meet(int node, string? runId, int? uptimeSeconds) => _nodes[node].Meet(new RespServer
    {
        RunId = runId,
        Uptime = uptimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        StartedByTicks = _clock.GetTimestamp() - ((uptimeSeconds ?? 0) * _clock.TimestampFrequency),
    });

    private sealed class IntroducedChannel(string name, TimeProvider time) : RespChannel
    {
        private RespServer? _server;

        internal override event Action? Introduced;

        public override string Name => name;

        public override TimeProvider TimeProvider => time;

        public override RespServer? Server => _server;

        public void Meet(RespServer server)
        {
            _server = server;
            Introduced?.Invoke();
        }

        public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => default;

        public override string Describe(RequestFailure failure) => name;
    }
}
