using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class TimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Timers_fire_in_the_order_they_are_due_each_at_its_own_moment()
    {
        List<string> fired = new List<string>();
        long start = _clock.GetTimestamp();
        void Note(object? name) => fired.Add($"{name}@{_clock.GetElapsedTime(start).TotalMilliseconds}");
        using ITimer late = _clock.CreateTimer(Note, "late", TimeSpan.FromMilliseconds(30), Timeout.InfiniteTimeSpan);
        using ITimer first = _clock.CreateTimer(Note, "first", TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        using ITimer second = _clock.CreateTimer(Note, "second", TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        using ITimer often = _clock.CreateTimer(Note, "often", TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10));
        using ITimer never = _clock.CreateTimer(Note, "never", Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ITimer gone = _clock.CreateTimer(Note, "gone", TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        gone.Dispose();
        Assert.False(gone.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan));

        _clock.Advance(TimeSpan.FromMilliseconds(9));
        Assert.Equal(["often@5"], fired);
        _clock.Advance(TimeSpan.FromMilliseconds(21));
        Assert.Equal(["often@5", "first@10", "second@10", "often@15", "often@25", "late@30"], fired);
        Assert.Equal(30, _clock.GetElapsedTime(start).TotalMilliseconds);
    }

    [Fact]
    public void A_timer_set_by_a_timer_fires_in_the_same_advance()
    {
        int fired = 0;
        ITimer? next = null;
        using ITimer timer = _clock.CreateTimer(
            _ => next = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan),
            null,
            TimeSpan.FromMilliseconds(5),
            Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromMilliseconds(9));
        Assert.Equal(0, fired);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, fired);
        next!.Dispose();
    }

    [Fact]
    public async Task A_timer_due_at_once_needs_no_advance()
    {
        TaskCompletionSource fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ITimer timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Setting_the_wall_clock_moves_neither_timestamps_nor_timers()
    {
        int fired = 0;
        using ITimer timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan);
        long before = _clock.GetTimestamp();
        DateTimeOffset day = new DateTimeOffset(2030, 5, 1, 0, 0, 0, TimeSpan.Zero);
        _clock.SetTime(day);
        Assert.Equal((day, before, 0), (_clock.GetUtcNow(), _clock.GetTimestamp(), fired));
        _clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal((day.AddMilliseconds(5), 1), (_clock.GetUtcNow(), fired));
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void A_skewed_clock_keeps_what_it_has_shown_when_its_rate_changes()
    {
        SkewedTimeProvider skewed = new SkewedTimeProvider(_clock);
        long start = skewed.GetTimestamp();
        DateTimeOffset wall = skewed.GetUtcNow();
        _clock.Advance(TimeSpan.FromSeconds(1));
        skewed.Rate = 2;
        Assert.Equal(TimeSpan.FromSeconds(1), skewed.GetElapsedTime(start));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(3), skewed.GetElapsedTime(start));
        skewed.Rate = 0.5;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(4), skewed.GetElapsedTime(start));
        Assert.Equal(wall + TimeSpan.FromSeconds(4), skewed.GetUtcNow());
        skewed.Step(TimeSpan.FromSeconds(-10));
        Assert.Equal(wall - TimeSpan.FromSeconds(6), skewed.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(4), skewed.GetElapsedTime(start));

        int fired = 0;
        using ITimer timer = skewed.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.Equal(0, fired);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, fired);
        Assert.Throws<ArgumentOutOfRangeException>(() => skewed.Rate = 0);
    }
}
