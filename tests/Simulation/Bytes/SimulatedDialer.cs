using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Opens simulated links to one node; some dials are refused, some hang, some succeed when nobody waits for them.</summary>
internal sealed class SimulatedDialer(World world, SimulatedClient client, SimulatedNode node, SeededRandom random) : Dialer
{
    private int _dials;

    /// <summary>The links that are not over, in the order of their dials.</summary>
    public List<ByteLink> Links { get; } = [];

    public override string Address => node.Name;

    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        world.Note(client.Name, "dials", node.Name);
        TaskCompletionSource<IDuplexPipe> dial = new();
        bool isTroubled = world.IsOn(Fault.Dials);
        bool isRefused = (isTroubled && random.Chance(0.2)) || (world.IsOn(Fault.Resets) && random.Chance(0.1));
        if (!isTroubled || !random.Chance(0.1))
        {
            long longest = isTroubled && random.Chance(0.2) ? world.Plan.ExpiryNanoseconds : world.Plan.Latency;
            client.Post(world.Now + (world.Plan.Latency / 2) + random.Below(longest), () =>
            {
                if (isRefused || !node.IsUp)
                {
                    dial.TrySetException(new IOException("connection refused"));
                }
                else if (!dial.Task.IsCompleted)
                {
                    dial.TrySetResult(Open());
                }
            });
        }

        cancellationToken.UnsafeRegister(
            _ => client.Post(world.Now + client.Hop(), () =>
            {
                // What came about while it was given up is there all the same.
                if (!dial.Task.IsCompleted && node.IsUp && random.Chance(0.1))
                {
                    dial.TrySetResult(Open());
                }

                dial.TrySetCanceled(cancellationToken);
            }),
            null);
        return new ValueTask<IDuplexPipe>(dial.Task);
    }

    private IDuplexPipe Open()
    {
        ByteLink link = new(world, client, node, Frames!, ++_dials, random.Fork(RandomStream.Link, _dials));
        Links.RemoveAll(known => known.IsOver);
        Links.Add(link);
        return random.Chance(0.7) ? new DisposableLinkPipe(link) : new LinkPipe(link);
    }

    /// <summary>What is known of the requests to the node.</summary>
    public FrameBook? Frames { get; set; }
}
