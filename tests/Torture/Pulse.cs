using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Tells when this process had no processor, or was stopped: what it is late by then is nobody's fault.</summary>
internal sealed class Pulse : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _worthTelling = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan _signOfLife = TimeSpan.FromMilliseconds(250);

    private readonly Action<long, long> _stalled;
    private readonly Action<long>? _lives;
    private readonly Thread _thread;
    private volatile bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="stalled">Is told the beginning and the end of each stall.</param>
    /// <param name="lives">Is told now and then that the process lives, if it is given.</param>
    public Pulse(Action<long, long> stalled, Action<long>? lives = null)
    {
        _stalled = stalled;
        _lives = lives;
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
                _stalled(latest, now);
            }

            // A process that is killed while it is stalled tells no more.
            if (MonotonicTime.Shared.GetElapsedTime(told, now) > _signOfLife)
            {
                _lives?.Invoke(now);
                told = now;
            }

            latest = now;
        }
    }
}
