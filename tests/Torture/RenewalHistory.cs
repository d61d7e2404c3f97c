using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>What could be seen of a renewed lock since it was taken, for whoever has to judge its loss: the last changes.</summary>
/// <param name="mutex">The lock's, which nobody else uses.</param>
internal sealed class RenewalHistory(RedlockMutex mutex)
{
    /// <summary>Between two entries; no name, vote or error has it.</summary>
    public const char Separator = '|';

    // Of the renewals before a loss that are tried again in vain, most see what the one before saw.
    private const int Kept = 24;

    // What is left only falls, unless the lock was renewed.
    private static readonly TimeSpan _leastRise = TimeSpan.FromMilliseconds(1);

    private readonly Queue<string> _seen = new(Kept);
    private IReadOnlyList<NodeOutcome> _latest = [];
    private TimeSpan _remaining;
    private long _heldTicks;
    private long _endTicks;

    private long _takenTicks;
    private uint _notTakenOn;
    private uint _withoutKey;

    // The lock was over at its deadline, or when it was found lost before.
    private long OverTicks => Math.Min(_endTicks, _heldTicks + (long)(_remaining.TotalSeconds * MonotonicTime.Shared.TimestampFrequency));

    public void Begin(long takenTicks, IReadOnlyList<NodeOutcome> votes)
    {
        _takenTicks = takenTicks;
        _heldTicks = takenTicks;
        _notTakenOn = Bits(votes, vote => vote is not (NodeVote.Granted or NodeVote.NotAwaited));
    }

    /// <summary>To be called often: what changes twice in between is seen once.</summary>
    /// <returns>Whether the lock is held.</returns>
    public bool Look(TimeSpan remaining)
    {
        long now = MonotonicTime.Shared.GetTimestamp();
        IReadOnlyList<NodeOutcome> outcomes = mutex.LastAttemptByAnyone;
        if (remaining > _remaining + _leastRise || !outcomes.SequenceEqual(_latest))
        {
            if (_seen.Count == Kept)
            {
                _seen.Dequeue();
            }

            _latest = outcomes;
            _withoutKey |= Bits(outcomes, vote => vote is NodeVote.NothingThere or NodeVote.HeldByOther);
            _seen.Enqueue(Entry(now, remaining, string.Join("; ", outcomes.Select(Outcome))));
        }

        if (remaining == TimeSpan.Zero)
        {
            _endTicks = now;
            return false;
        }

        _remaining = remaining;
        _heldTicks = now;
        return true;
    }

    /// <summary>With all that was seen in one line, in seconds from the taking.</summary>
    public SteadyEvent ToLoss(int node) => new(
        SteadyEventKind.Loss,
        node,
        _takenTicks,
        OverTicks,
        _notTakenOn,
        _withoutKey,
        string.Join(Separator, _seen.Append(Entry(_heldTicks, _remaining, "the last look that found it held"))));

    private static string Outcome(NodeOutcome outcome, int node) =>
        outcome.Error is null ? $"{node} {outcome.Vote}" : $"{node} {outcome.Vote} ({outcome.Cause}: {outcome.Error})";

    private static uint Bits(IReadOnlyList<NodeOutcome> outcomes, Predicate<NodeVote> isMeant)
    {
        uint bits = 0;
        for (int node = 0; node < outcomes.Count; node++)
        {
            bits |= isMeant(outcomes[node].Vote) ? 1u << node : 0;
        }

        return bits;
    }

    private string Entry(long ticks, TimeSpan remaining, string text) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DoneToNodes.Seconds(_takenTicks, ticks)} s: {remaining.TotalSeconds:0.000} s left; {text.Replace(Separator, '/')}");
}
