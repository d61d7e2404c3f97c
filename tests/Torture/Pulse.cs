using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Writes down when this process had no processor, or was stopped: what it is late by then is nobody's fault.</summary>
internal sealed class Pulse : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _worthTelling = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan _signOfLife = TimeSpan.FromMilliseconds(250);

    private readonly HistoryLog _history;
    private readonly Thread _thread;
    private volatile bool _isOver;

    public Pulse(HistoryLog history)
    {
        _history = history;
        _thread = new Thread(Beat) { Name = "pulse", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Beat()
    {
        long latest = MonotonicTime.Shared.GetTimestamp();
        long told = latest;
        while (!_isOver)
        {
            Thread.Sleep(_interval);
            long now = MonotonicTime.Shared.GetTimestamp();
            if (MonotonicTime.Shared.GetElapsedTime(latest, now) > _worthTelling)
            {
                _history.Stall(latest, now);
            }

            // A process that is killed while it is stalled tells no more.
            if (MonotonicTime.Shared.GetElapsedTime(told, now) > _signOfLife)
            {
                _history.Beat(now);
                told = now;
            }

            latest = now;
        }
    }
}
