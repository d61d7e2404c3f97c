using Microsoft.Extensions.Logging;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>A log that a test can read.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly List<(EventId Id, LogLevel Level, string Text)> _entries = [];
    private int _thrown;

    /// <summary>What is below is not asked for.</summary>
    public LogLevel Least { get; set; }

    /// <summary>The name of the message at which it throws, as a log that was disposed does.</summary>
    public string? ThrowsAt { get; set; }

    /// <summary>How often it has thrown.</summary>
    public int Thrown => Volatile.Read(ref _thrown);

    public IReadOnlyList<(EventId Id, LogLevel Level, string Text)> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    public IReadOnlyList<string> Of(string messageName) =>
        [.. Entries.Where(entry => entry.Id.Name == messageName).Select(entry => entry.Text)];

    public ILogger CreateLogger(string categoryName) => new Recorder(this);

    public void Dispose()
    {
    }

    private sealed class Recorder(RecordedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is not null && eventId.Name == log.ThrowsAt)
            {
                Interlocked.Increment(ref log._thrown);
                throw new ObjectDisposedException(nameof(RecordedLog));
            }

            lock (log._gate)
            {
                log._entries.Add((eventId, logLevel, formatter(state, exception)));
            }
        }
    }
}
