namespace Redlock.Fast.Unit.Tests;

public class QuorumTallyTests
{
    private static readonly NodeVote[] _counted = [NodeVote.Granted, NodeVote.HeldByOther, NodeVote.Failed];

    [Fact]
    public void Decides_exactly_when_no_missing_reply_can_change_the_rule_s_answer()
    {
        int compared = 0;
        for (int nodes = 1; nodes <= 5; nodes++)
        {
            for (int quorum = (nodes / 2) + 1; quorum <= nodes; quorum++)
            {
                foreach (NodeVote[] votes in Combinations(nodes, [NodeVote.NotAwaited, .. _counted]))
                {
                    Assert.True(
                        ByTheRule(votes, quorum) == Tallied(votes, quorum),
                        $"quorum {quorum}: {string.Join(' ', votes)} is {ByTheRule(votes, quorum)}, not {Tallied(votes, quorum)}");
                    compared++;
                }
            }
        }

        Assert.Equal(4 + 16 + (64 * 2) + (256 * 2) + (1024 * 3), compared);
    }

    [Theory]
    [InlineData(NodeVote.HeldByOther, NodeVote.NothingThere)]
    [InlineData(NodeVote.Failed, NodeVote.Misconfigured)]
    public void Some_votes_weigh_the_same(NodeVote one, NodeVote other)
    {
        foreach (NodeVote[] votes in Combinations(3, [NodeVote.NotAwaited, .. _counted]))
        {
            NodeVote[] others = Array.ConvertAll(votes, vote => vote == one ? other : vote);
            Assert.Equal(Tallied(votes, 2), Tallied(others, 2));
        }
    }

    [Fact]
    public void A_node_is_counted_once_whatever_it_says_later()
    {
        foreach (NodeVote first in _counted)
        {
            foreach (NodeVote second in _counted)
            {
                QuorumTally tally = new(nodes: 2, quorum: 2);
                Assert.True(tally.TryCast(1, first));
                QuorumDecision before = tally.Decide();
                Assert.False(tally.TryCast(1, second));
                Assert.Equal(before, tally.Decide());
            }
        }
    }

    [Fact]
    public void The_most_nodes_have_a_bit_each()
    {
        QuorumTally tally = new(RedlockFactory.MaxNodes, RedlockFactory.MaxNodes);
        for (int node = 0; node < RedlockFactory.MaxNodes; node++)
        {
            Assert.Equal(QuorumDecision.Undecided, tally.Decide());
            Assert.True(tally.TryCast(node, NodeVote.Granted));
        }

        Assert.Equal(QuorumDecision.Granted, tally.Decide());
    }

    private static QuorumDecision Tallied(NodeVote[] votes, int quorum)
    {
        QuorumTally tally = new(votes.Length, quorum);
        for (int node = 0; node < votes.Length; node++)
        {
            if (votes[node] != NodeVote.NotAwaited)
            {
                tally.TryCast(node, votes[node]);
            }
        }

        return tally.Decide();
    }

    /// <summary>What all ways to fill in the missing votes agree on, if they do.</summary>
    private static QuorumDecision ByTheRule(NodeVote[] votes, int quorum)
    {
        int missing = votes.Count(vote => vote == NodeVote.NotAwaited);
        NodeVote[] cast = [.. votes.Where(vote => vote != NodeVote.NotAwaited)];
        HashSet<QuorumDecision> possible = [];
        foreach (NodeVote[] rest in Combinations(missing, _counted))
        {
            possible.Add(WhenAllHaveVoted([.. cast, .. rest], quorum));
        }

        return possible.Count == 1 ? possible.Single() : QuorumDecision.Undecided;
    }

    private static QuorumDecision WhenAllHaveVoted(NodeVote[] votes, int quorum)
    {
        int yes = votes.Count(vote => vote == NodeVote.Granted);
        int failed = votes.Count(vote => vote == NodeVote.Failed);
        return yes >= quorum ? QuorumDecision.Granted
            : yes + failed >= quorum ? QuorumDecision.Unavailable
            : QuorumDecision.Refused;
    }

    private static IEnumerable<NodeVote[]> Combinations(int nodes, NodeVote[] choices)
    {
        if (nodes == 0)
        {
            yield return [];
            yield break;
        }

        foreach (NodeVote[] rest in Combinations(nodes - 1, choices))
        {
            foreach (NodeVote choice in choices)
            {
                yield return [choice, .. rest];
            }
        }
    }
}
