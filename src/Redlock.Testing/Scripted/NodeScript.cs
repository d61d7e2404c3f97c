using System.Text;

namespace Redlock.Fast.Testing;

/// <summary>What a scripted node expects, and what came of it. Thread-safe: any number of connections play one script.</summary>
internal sealed class NodeScript(ScriptOrder order, UnscriptedReleases releases)
{
    private readonly Lock _gate = new();
    private readonly List<ScriptedExpectation> _expectations = [];
    private readonly List<string> _unexpected = [];

    // How many SETs of an owner this script has granted, and how many of them were not released without its asking.
    private readonly Dictionary<string, int> _granted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _left = new(StringComparer.Ordinal);

    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private long _lastNumber;

    /// <summary>How many grants make a lock: the quorum of the nodes that play this script.</summary>
    public int Quorum { get; set; } = 1;

    /// <summary>What is published, and to whom.</summary>
    public ScriptedChannels Channels { get; } = new();

    /// <summary>Whether a command meets an expectation that has a reply left.</summary>
    public bool Expects(ScriptedCommand command)
    {
        lock (_gate)
        {
            return FindExpectation(command) is not null;
        }
    }

    public void Add(ScriptedExpectation expectation)
    {
        lock (_gate)
        {
            _expectations.Add(expectation);
        }
    }

    public string[] Unexpected()
    {
        lock (_gate)
        {
            return [.. _unexpected];
        }
    }

    /// <summary>The reply to a command; an unexpected one is remembered and refused.</summary>
    public Reply Answer(ScriptedCommand command)
    {
        lock (_gate)
        {
            bool isAnswered = releases == UnscriptedReleases.Answered && command.Kind == CommandKind.Unlock
                && _granted.ContainsKey(command.Owner);
            if (isAnswered && _granted[command.Owner] < Quorum)
            {
                return Release(command.Owner);
            }

            if (FindExpectation(command) is { } expectation)
            {
                Reply reply = expectation.Use();
                if (command.Kind == CommandKind.Lock)
                {
                    Count(command.Owner, reply);
                }

                if (command.IsTake)
                {
                    bool grants = reply.Grants;
                    reply = reply.OfTake(grants ? Succeed(command.Predecessor) : Succession.OfNobody);
                    reply = grants && command.Proposal != 0 ? reply.Fenced(NumberOf(command)) : reply;
                }

                return reply;
            }

            return isAnswered ? Release(command.Owner) : HandshakeReply.To(command) ?? Refuse(command);
        }
    }

    /// <summary>What is wrong so far, or <c>null</c>.</summary>
    public string? Complaint()
    {
        lock (_gate)
        {
            StringBuilder text = new StringBuilder();
            foreach (string unexpected in _unexpected)
            {
                text.AppendLine(unexpected);
            }

            bool isMet = true;
            foreach (ScriptedExpectation expectation in _expectations)
            {
                isMet &= expectation.IsMet;
            }

            if (!isMet)
            {
                text.AppendLine("Not everything that the script expects has come.").Append(Script());
            }

            return text.Length == 0 ? null : text.ToString().TrimEnd();
        }
    }

    private ScriptedExpectation? FindExpectation(ScriptedCommand command)
    {
        foreach (ScriptedExpectation expectation in _expectations)
        {
            if (expectation.IsMet)
            {
                continue;
            }

            if (expectation.Matches(command))
            {
                return expectation;
            }

            if (order == ScriptOrder.InOrder)
            {
                return null;
            }
        }

        return null;
    }

    private void Count(string owner, Reply reply)
    {
        int granted = reply.Grants ? 1 : 0;
        _granted[owner] = _granted.GetValueOrDefault(owner) + granted;
        _left[owner] = _left.GetValueOrDefault(owner) + granted;
    }

    private Succession Succeed(string predecessor)
    {
        int left = _left.GetValueOrDefault(predecessor);
        if (left == 0)
        {
            return Succession.OfNobody;
        }

        _left[predecessor] = left - 1;
        return Succession.OfAnOwner;
    }

    // All nodes that play the script count alike.
    private long NumberOf(ScriptedCommand command)
    {
        if (!_numbers.TryGetValue(command.Owner, out long number))
        {
            number = _lastNumber = Math.Max(_lastNumber + 1, command.Proposal);
            _numbers.Add(command.Owner, number);
        }

        return number;
    }

    private Reply Release(string owner)
    {
        if (_left[owner] == 0)
        {
            return Reply.NothingThere;
        }

        _left[owner]--;
        return Reply.Done;
    }

    private Reply Refuse(ScriptedCommand command)
    {
        _unexpected.Add($"Unexpected: {command}{Environment.NewLine}{Script()}".TrimEnd());
        return Reply.Error($"ERR the script of this node does not expect this command now: {command}");
    }

    private string Script()
    {
        if (_expectations.Count == 0)
        {
            return "The script expects nothing.";
        }

        StringBuilder text = new();
        text.AppendLine(order == ScriptOrder.InOrder ? "The script, in this order:" : "The script, in any order:");
        foreach (ScriptedExpectation expectation in _expectations)
        {
            text.Append("  ").Append(expectation).AppendLine();
        }

        return text.ToString();
    }
}
