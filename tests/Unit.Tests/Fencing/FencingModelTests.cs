namespace Redlock.Fast.Unit.Tests;

/// <summary>That fencing tokens grow, in every history of a small model; and that the model can tell.</summary>
public class FencingModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, new byte[] { 1, 3 }, new byte[] { 0, 2 }, 32_928)]
    [InlineData(3, new byte[] { 1 }, new byte[] { 0 }, 269_302)]
    public void Tokens_grow_in_every_history(int attempts, byte[] proposals, byte[] counters, int states) =>
        Explore(attempts, proposals, counters, states);

    // Some gigabytes and a minute: run it by "-explicit only".
    [Fact(Explicit = true)]
    public void Tokens_grow_in_every_history_of_three_clients_whose_clocks_differ() => Explore(3, [1, 3], [0, 2], 6_894_401);

    [Theory]
    [InlineData(ModelDefect.MaximumWithoutRaise)]
    [InlineData(ModelDefect.RaiseWithoutLookingWhoseTheLockIs)]
    [InlineData(ModelDefect.AgreementOfOneVote)]
    [InlineData(ModelDefect.ProposalBelowTheCounter)]
    [InlineData(ModelDefect.NodeForgetsItsCounter)]
    public void What_is_wrong_is_refuted_by_a_history(ModelDefect defect)
    {
        FencingExplorer explorer = new(new FencingModel(defect, attempts: 2, [1, 3]));
        IReadOnlyList<string> history = explorer.Explore([0, 2]);
        foreach (string step in history)
        {
            output.WriteLine(step);
        }

        Assert.NotEmpty(history);
        Assert.Contains("behind", history[^1], StringComparison.Ordinal);
    }

    private void Explore(int attempts, byte[] proposals, byte[] counters, int states)
    {
        FencingExplorer explorer = new(new FencingModel(ModelDefect.None, attempts, proposals));
        IReadOnlyList<string> history = explorer.Explore(counters);
        output.WriteLine($"{explorer.States} states, {explorer.Steps} steps");
        Assert.Empty(history);
        Assert.Equal(states, explorer.States);
    }
}
