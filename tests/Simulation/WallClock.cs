namespace Redlock.Fast.Simulation;

/// <summary>
/// What a client believes the time of day to be: wrong by minutes if the plan has it, and until the world heals set anew now and then.
/// </summary>
internal sealed class WallClock(SeededRandom random)
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TimeSpan _error;
    private bool _isSet;

    public DateTimeOffset Read(World world)
    {
        if (_isSet ? world.IsOn(Fault.WallClocks) && random.Chance(0.05) : world.Plan.Has(Fault.WallClocks))
        {
            // Whole minutes hide what microseconds show: who proposes the same, and who just less.
            _error = random.Chance(0.5) ? TimeSpan.FromMinutes(random.NextDouble() * 10) : TimeSpan.FromMicroseconds(random.Below(1000));
            _isSet = true;
        }

        return _start + TimeSpan.FromMicroseconds(world.Now / 1000) - _error;
    }
}
