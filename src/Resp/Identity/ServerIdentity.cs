using System.Buffers.Text;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>Learns in a handshake who the server is, from what it says to INFO.</summary>
/// <remarks>Whatever is missing or odd in it is unknown: a server that may not be asked is believed.</remarks>
internal sealed class ServerIdentity(TimeProvider time)
{
    // Forty digits since there are servers; a line that is longer is something else.
    private const int LongestRunId = 64;

    private string? _runId;
    private long _startedByTicks;
    private TimeSpan? _uptime;
    private RespServerRole _role;

    public RespServer Server => new()
    {
        RunId = _runId,
        Uptime = _uptime,
        StartedByTicks = _startedByTicks,
        Role = _role,
    };

    /// <summary>Takes in the section of INFO on the server itself.</summary>
    public void Note(in RespReply info)
    {
        ReadOnlySpan<byte> text = info.Bytes;
        ReadOnlySpan<byte> runId = ValueOf(text, "run_id:"u8);
        if (runId.Length is > 0 and <= LongestRunId && !runId.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            _runId = Encoding.ASCII.GetString(runId);
        }

        if (TryReadSeconds(ValueOf(text, "uptime_in_seconds:"u8), out long seconds))
        {
            // Servers subtract one whole second of the wall clock from another: what they say may be a second more than the truth.
            long least = Math.Max(0, seconds - 1);
            _uptime = TimeSpan.FromSeconds(least);

            // The answer took its time, which makes the server younger than it is.
            _startedByTicks = time.GetTimestamp() - (least * time.TimestampFrequency);
        }

        // Each kind of server has a name of its own for it.
        ReadOnlySpan<byte> mode = ValueOf(text, "_mode:"u8);
        _role = mode.SequenceEqual("standalone"u8) ? RespServerRole.Standalone
            : mode.SequenceEqual("sentinel"u8) ? RespServerRole.Sentinel
            : mode.SequenceEqual("cluster"u8) ? RespServerRole.ClusterMember
            : RespServerRole.Unknown;
    }

    private bool TryReadSeconds(ReadOnlySpan<byte> digits, out long seconds) =>
        Utf8Parser.TryParse(digits, out seconds, out int used)
        && used == digits.Length
        && seconds >= 0

        // Longer than any clock counts.
        && seconds < long.MaxValue / (2 * Math.Max(time.TimestampFrequency, TimeSpan.TicksPerSecond));

    /// <summary>What stands behind the first line that has this in front of its value, up to the end of that line.</summary>
    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> field)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].TrimEnd((byte)'\r');
            int at = line.IndexOf(field);
            if (at >= 0 && (at == 0 || field[0] == '_') && line[..at].IndexOf((byte)':') < 0)
            {
                return line[(at + field.Length)..];
            }
        }

        return [];
    }
}
