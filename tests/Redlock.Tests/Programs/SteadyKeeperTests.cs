using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

[Trait("Waits", "long")]
public class SteadyKeeperTests(SharedNodes shared)
{
    private const int Nodes = 3;

    private static readonly MutexOptions _options = MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_lost_lock_is_told_with_what_the_nodes_said_and_leaves_nothing_in_the_way_of_the_next()
    {
        using RedlockFactory factory = await shared.ConnectAsync(Nodes);
        int number = Random.Shared.Next();
        SteadyKeeper keeper = new(factory, number, _options);
        Assert.False(keeper.TryFindLoss(out _));
        string taken = Assert.Single(await KeysAsync(factory, number));
        for (int node = 0; node < 2; node++)
        {
            await factory.Node(node).SendAsync(["DEL", taken], TestContext.Current.CancellationToken);
        }

        SteadyEvent loss = default;
        await Eventually.Holds(() => keeper.TryFindLoss(out loss), "the loss is found");
        Assert.Equal((SteadyEventKind.Loss, number, 0u, 0b11u), (loss.Kind, loss.Node, loss.NotTakenOn, loss.WithoutKey));
        Assert.Contains("0 NothingThere; 1 NothingThere", loss.Seen, StringComparison.Ordinal);

        Assert.False(keeper.TryFindLoss(out _));
        string next = Assert.Single(await KeysAsync(factory, number), key => key != taken);
        await Eventually.Holds(async () => !(await factory.StoredAsync(next)).Contains(null), "the next lock is on all nodes");
        keeper.Finish();
    }

    private static async Task<string[]> KeysAsync(RedlockFactory factory, int number) =>
        [.. (await factory.AskAllAsync("KEYS", $"*kept-{number}-*")).SelectMany(keys => keys.Items)
            .Select(key => key.AsString()!)
            .Distinct()];
}
