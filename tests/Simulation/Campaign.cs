using System.Diagnostics;

namespace Redlock.Fast.Simulation;

/// <summary>Many seeds on a few threads; each simulation stays on one.</summary>
/// <param name="options">Which seeds.</param>
/// <param name="progress">Told now and then how far it is: a run that stands still is seen.</param>
internal sealed class Campaign(SimulationOptions options, TextWriter? progress = null)
{
    private static readonly TimeSpan _progressEvery = TimeSpan.FromSeconds(30);

    // Every so many seeds, one is run twice.
    private const ulong TwiceEvery = 100;
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();
    private ulong _next;
    private ulong _stopAt;

    public long Seeds { get; private set; }

    public long Events { get; private set; }

    public long Claims { get; private set; }

    /// <summary>How many fencing tokens did not grow because nodes had lost their data.</summary>
    public long LostGrowth { get; private set; }

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The failing run of the smallest seed, if there is one.</summary>
    public (SimulationPlan Plan, Violation Violation)? Failure { get; private set; }

    public void Run()
    {
        _clock.Start();
        _next = options.First;
        _stopAt = options.Last;
        Thread[] threads = new Thread[Math.Max(1, options.Workers)];
        for (int place = 0; place < threads.Length; place++)
        {
            threads[place] = new Thread(Work) { Name = $"simulation {place}" };
            threads[place].Start();
        }

        foreach (Thread thread in threads)
        {
            while (!thread.Join(_progressEvery))
            {
                lock (_gate)
                {
                    progress?.WriteLine($"{Seeds} seeds, {Events} events in {Elapsed.TotalSeconds:0} s; the next is seed {_next}");
                }
            }
        }
    }

    private void Work()
    {
        while (TryTakeSeed(out ulong seed))
        {
            SimulationPlan plan = options.PlanOf(seed);
            SimulationResult result = World.Run(plan);
            Violation? violation = result.Violation;
            if (violation is null && seed % TwiceEvery == 0 && World.Run(plan).Hash != result.Hash)
            {
                violation = new Violation(Invariant.IsDeterministic, 0, "two runs of one seed had different histories");
            }

            lock (_gate)
            {
                Seeds++;
                Events += result.Events;
                Claims += result.Claims;
                LostGrowth += result.LostGrowth;
                if (violation is not null && (Failure is null || seed < Failure.Value.Plan.Seed))
                {
                    Failure = (plan, violation);

                    // Smaller seeds may still be under way.
                    _stopAt = seed;
                }
            }
        }
    }

    private bool TryTakeSeed(out ulong seed)
    {
        lock (_gate)
        {
            seed = _next;
            if (seed > _stopAt || _clock.Elapsed > options.Time)
            {
                return false;
            }

            _next++;
            return true;
        }
    }
}
