using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How lines hear of releases: a subscription a line, to the channel of its key, on the node that its head asks first.
internal sealed partial class Lines
{
    // What a person has to mend is not mended in a second; who waits meanwhile polls.
    private static readonly TimeSpan _deafFor = TimeSpan.FromMinutes(1);

    private readonly long[] _deafUntil;

    public override void OnConfirmed(long tag)
    {
        LockOperation? head = null;
        using (_gate.Enter())
        {
            if (Find(tag) is { } line)
            {
                line.Stage = LineStage.Hearing;
                line.HearingSinceTicks = _core.NowTicks;
                line.IsMarked = false;

                // What was published before went unheard. Of a lock that one of this line holds nothing is published.
                head = line.HeldUntilTicks > _core.NowTicks || line.IsBackingOff(_core.NowTicks) ? null
                    : TryRouse(line, Ask.FirstNode, WakeCause.Subscribed);
            }
        }

        head?.AskNow(Ask.FirstNode);
    }

    public override void OnMessage(long tag, ReadOnlySpan<byte> payload)
    {
        // Who is alone meets nobody else: he asks all nodes at once.
        bool isAlone = payload.SequenceEqual("1"u8);
        Ask ask = isAlone ? Ask.AllNodes : Ask.FirstNode;
        LockOperation? head = null;
        using (_gate.Enter())
        {
            if (Find(tag) is { } line && line.TryCountWake())
            {
                // What this process has released itself others have been woken for as well.
                long othersUntil = isAlone ? 0 : _yields.UntilTicks(line.Mutex!.KeyHash);
                if (othersUntil > _core.NowTicks)
                {
                    LetOthersFirst(line, othersUntil);
                }
                else
                {
                    head = TryRouse(line, ask, WakeCause.Released);
                }
            }
        }

        head?.AskNow(ask);
    }

    public override void OnLost(long tag, string text)
    {
        using (_gate.Enter())
        {
            if (Find(tag) is { } line)
            {
                line.Stage = LineStage.Subscribing;
                line.IsMarked = false;
            }
        }
    }

    public override void OnEnded(long tag, SubscriptionEnd reason, string text)
    {
        int node;
        LockOperation? head = null;
        using (_gate.Enter())
        {
            if (Find(tag) is not { } line)
            {
                return;
            }

            node = line.SubscribedNode;
            StopHearing(line);
            if (reason == SubscriptionEnd.Refused)
            {
                _deafUntil[node] = _core.NowTicks + (long)(_deafFor.TotalSeconds * _core.Time.TimestampFrequency);

                // It sleeps again on a node that can be heard, if there is one.
                head = TryRouse(line, Ask.FirstNode, WakeCause.Subscribed);
            }
        }

        head?.AskNow(Ask.FirstNode);
        if (reason == SubscriptionEnd.Refused)
        {
            _core.Troubles.NoteRefusedWakes(node, text);
        }
    }

    private bool IsDeaf(int node, long now) => Volatile.Read(ref _deafUntil[node]) > now;

    private Wish BeginSubscribing(Line line, long now)
    {
        _gate.AssertEntered();
        if (_core.Wakes == WakeUse.Off || _isClosed)
        {
            return default;
        }

        // Any node that it can hear wakes it: a release goes to all of them.
        while (IsDeaf(line.SleepNode, now))
        {
            if (!line.TryMove(refusedBy: 0))
            {
                return default;
            }
        }

        line.BeginEpoch();
        line.Stage = LineStage.Subscribing;
        line.SubscribedNode = line.SleepNode;
        return new Wish(line.SleepNode, line.Mutex!.Mark, TagOf(line));
    }

    /// <summary>Outside the gate: something is sent. Whatever comes of it may have come already when it returns.</summary>
    private void Subscribe(Wish wish)
    {
        if (wish.Channel is null)
        {
            return;
        }

        RespSubscription subscription = _core.Channels[wish.Node].TrySubscribe(wish.Channel, this, wish.Tag);
        Hush hush = new(wish.Node, subscription);
        using (_gate.Enter())
        {
            if (Find(wish.Tag) is { } line)
            {
                hush = default;
                line.Subscription = subscription;
                line.Stage = subscription.IsTaken ? line.Stage : LineStage.Deaf;
            }
        }

        Unsubscribe(hush);
    }

    /// <summary>What the line was subscribed to is none of its business from now on.</summary>
    private Hush StopHearing(Line line)
    {
        _gate.AssertEntered();
        Hush hush = new(line.SubscribedNode, line.Subscription);
        line.BeginEpoch();
        line.Stage = LineStage.Deaf;
        line.Subscription = default;
        return hush;
    }

    private void Unsubscribe(Hush hush)
    {
        if (hush.Subscription.IsTaken)
        {
            _core.Channels[hush.Node].Unsubscribe(hush.Subscription);
        }
    }

    private static long TagOf(Line line) => ((long)line.Number << 32) | (uint)line.Epoch;

    private Line? Find(long tag)
    {
        _gate.AssertEntered();
        Line line = _all[(int)(tag >> 32)];
        return line.Mutex is not null && (uint)line.Epoch == (uint)tag ? line : null;
    }
}
