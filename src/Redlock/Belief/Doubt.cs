using System.Globalization;

namespace Redlock.Fast;

/// <summary>Why a node's votes are not believed, and until when.</summary>
internal sealed class Doubt
{
    // What every attempt is told is put into words once a second.
    private Telling? _told;

    /// <summary>The node that leads to the same server and comes first; <c>null</c> if it is a quarantine.</summary>
    public string? TwinOf { get; init; }

    public string? RunId { get; init; }

    /// <summary>In ticks of the quorum's clock.</summary>
    public long UntilTicks { get; init; }

    /// <summary>How long a server has to be up.</summary>
    public TimeSpan Quarantine { get; init; }

    public NodeTrouble Trouble => TwinOf is null ? NodeTrouble.Quarantined : NodeTrouble.Twin;

    /// <summary>Whether it is the other one, looked at again.</summary>
    public bool IsLike(Doubt? other) => other is not null && TwinOf == other.TwinOf && RunId == other.RunId;

    public NodeOutcome OutcomeOf(string node, TimeSpan left) =>
        new(node, TwinOf is null ? NodeVote.Failed : NodeVote.Misconfigured, WordsFor(node, left))
        {
            Cause = TwinOf is null ? NodeCause.Quarantined : NodeCause.Twin,
        };

    private string WordsFor(string node, TimeSpan left)
    {
        int seconds = (int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalSeconds));
        Telling? told = Volatile.Read(ref _told);
        if (told?.Seconds != seconds)
        {
            told = new Telling(seconds, PutIntoWords(node, seconds));
            Volatile.Write(ref _told, told);
        }

        return told.Words;
    }

    private string PutIntoWords(string node, int seconds) => TwinOf is null
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{node}: in quarantine for {seconds} s more: its server has been up for less than the RestartQuarantine of "
            + $"{Quarantine.TotalSeconds:0.###} s and may have forgotten a lock that is still held; until then it gives none.")
        : $"{node}: the same server as {TwinOf} (run_id {RunId}): one server has one vote, so this one's do not count. Each node has to be "
            + "a server of its own.";

    private sealed record Telling(int Seconds, string Words);
}
