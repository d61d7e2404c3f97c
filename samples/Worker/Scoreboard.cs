using System.Diagnostics;

namespace Redlock.Fast.Worker;

/// <summary>Writes down who leads, and checks that nobody leads beside another.</summary>
internal sealed class Scoreboard
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TaskCompletionSource<Instance> _nextLeader = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Instance? Leader { get; private set; }

    public int Overlaps { get; private set; }

    public long Steps { get; private set; }

    /// <summary>Completes when somebody else than <paramref name="than"/> leads.</summary>
    public async Task<Instance> LeaderOtherThanAsync(Instance? than, TimeSpan patience)
    {
        while (true)
        {
            Task<Instance> next;
            lock (_gate)
            {
                if (Leader is not null && Leader != than)
                {
                    return Leader;
                }

                next = _nextLeader.Task;
            }

            await next.WaitAsync(patience);
        }
    }

    public void Began(Instance instance)
    {
        TaskCompletionSource<Instance> waiting;
        lock (_gate)
        {
            Overlaps += Leader is null ? 0 : 1;
            Leader = instance;
            waiting = _nextLeader;
            _nextLeader = new TaskCompletionSource<Instance>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Say($"{instance.Name} leads");
        waiting.SetResult(instance);
    }

    public void Worked(Instance instance, bool isHeld)
    {
        lock (_gate)
        {
            Steps++;
            Overlaps += isHeld && Leader != instance ? 1 : 0;
        }
    }

    public void Lost(Instance instance) => Say($"{instance.Name} was told that its lock is lost, and stops");

    public void Ended(Instance instance)
    {
        lock (_gate)
        {
            if (Leader == instance)
            {
                Leader = null;
            }
        }
    }

    public void Say(string what) => Console.WriteLine($"{_clock.Elapsed.TotalSeconds,7:0.000} s  {what}");
}
