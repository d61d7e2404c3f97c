namespace Redlock.Fast.Simulation;

/// <summary>What a client believes the time of day to be: wrong by minutes, and set anew now and then, if the plan has it.</summary>
internal sealed class WallClock(SeededRandom random)
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TimeSpan _error;
    private bool _isSet;

    public DateTimeOffset Read(World world)
    {
        if (world.Plan.Has(Fault.WallClocks) && (!_isSet || random.Chance(0.05)))
        {
            // Whole minutes hide what microseconds show: who proposes the same, and who just less.
            _error = random.Chance(0.5) ? TimeSpan.FromMinutes(random.NextDouble() * 10) : TimeSpan.FromMicroseconds(random.Below(1000));
            _isSet = true;
        }

        return _start + TimeSpan.FromMicroseconds(world.Now / 1000) - _error;
    }
}
