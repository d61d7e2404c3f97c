namespace Redlock.Fast.Unit.Tests;

/// <summary>
/// The protocol of fencing tokens as a model so small that all its histories can be gone through: three nodes, and up to three clients that
/// take, agree or raise, are granted, and end.
/// </summary>
/// <remarks>
/// <para>
/// The model allows more than the library does. A frame is executed at any time after it was sent, in any order, or never; of the
/// replies, a client hears any quorum, at any time, or none. An attempt ends at any moment, by release, expiry, failure or a pause, and
/// from then on each node may lose its key at any moment: that covers a succession too, which is the end of one attempt and the take of
/// another in one step. Proposals are whatever a clock may show. What is relied on is what the lock itself rests on: no node loses the key
/// of an attempt before its end.
/// </para>
/// <para>
/// A state is a row of bytes, laid out by the constants below. Nodes are alike, so their columns stand in order; attempts are alike,
/// so they begin in the order of their numbers; and what can change nothing any more is forgotten.
/// </para>
/// </remarks>
internal sealed class FencingModel(ModelDefect defect, int attempts, byte[] proposals)
{
    public const int Nodes = 3;

    private const int Quorum = 2;
    private const byte Nobody = byte.MaxValue;

    // The last token granted; of each attempt its phase, its number and what it proposed; of each node a column.
    private const int AttemptsAt = 1;
    private const int NumberAt = 1;
    private const int ProposalAt = 2;
    private const int BytesAnAttempt = 3;

    // Whose key is there, and the counter; of each attempt the fate of its Take, the number that came of it, and the fate of its Raise.
    private const int CounterAt = 1;
    private const int FramesAt = 2;
    private const int GivenAt = 1;
    private const int RaiseAt = 2;
    private const int BytesOfFrames = 3;

    private readonly int _columnsAt = AttemptsAt + (attempts * BytesAnAttempt);
    private readonly int _columnBytes = FramesAt + (attempts * BytesOfFrames);

    private enum Phase : byte
    {
        NotBegun = 0,
        Taking,
        Raising,
        Granted,
        Over,
    }

    private enum Frame : byte
    {
        /// <summary>None, or one that can change nothing any more.</summary>
        None = 0,
        UnderWay,
        Done,
    }

    /// <summary>Where histories begin: each node may have counted before.</summary>
    public IEnumerable<byte[]> Beginnings(byte[] counters)
    {
        int choices = (int)Math.Pow(counters.Length, Nodes);
        for (int choice = 0; choice < choices; choice++)
        {
            byte[] state = new byte[_columnsAt + (Nodes * _columnBytes)];
            int rest = choice;
            for (int node = 0; node < Nodes; node++)
            {
                Span<byte> column = Column(state, node);
                column[0] = Nobody;
                column[CounterAt] = counters[rest % counters.Length];
                rest /= counters.Length;
            }

            yield return Tidy(state);
        }
    }

    /// <summary>All that can happen next, each with its words; a violation has words of its own.</summary>
    public List<Step> Next(byte[] state)
    {
        List<Step> steps = [];
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            if (PhaseOf(state, attempt) == Phase.NotBegun)
            {
                // Attempts are alike.
                Array.ForEach(proposals, proposal => steps.Add(Begin(state, attempt, proposal)));
                break;
            }

            AddStepsOf(state, attempt, steps);
        }

        for (int node = 0; node < Nodes; node++)
        {
            byte owner = Column(state, node)[0];
            if (owner != Nobody && PhaseOf(state, owner) == Phase.Over)
            {
                byte[] next = [.. state];
                Column(next, node)[0] = Nobody;
                steps.Add(new Step(Tidy(next), $"a node loses the key of attempt {owner}"));
            }

            if (defect == ModelDefect.NodeForgetsItsCounter && owner == Nobody && Column(state, node)[CounterAt] != 0)
            {
                byte[] next = [.. state];
                Column(next, node)[CounterAt] = 0;
                steps.Add(new Step(Tidy(next), $"a node forgets that it has counted to {Column(state, node)[CounterAt]}"));
            }
        }

        return steps;
    }

    private Step Begin(byte[] state, int attempt, byte proposal)
    {
        byte[] next = [.. state];
        Span<byte> own = Of(next, attempt);
        own[0] = (byte)Phase.Taking;
        own[ProposalAt] = proposal;
        for (int node = 0; node < Nodes; node++)
        {
            Frames(next, node, attempt)[0] = (byte)Frame.UnderWay;
        }

        return new Step(Tidy(next), $"attempt {attempt} begins, and proposes {proposal}");
    }

    private void AddStepsOf(byte[] state, int attempt, List<Step> steps)
    {
        Phase phase = PhaseOf(state, attempt);
        int confirmed = 0;
        for (int node = 0; node < Nodes; node++)
        {
            byte owner = Column(state, node)[0];
            Span<byte> frames = Frames(state, node, attempt);
            confirmed += frames[RaiseAt] == (byte)Frame.Done ? 1 : 0;

            // Refused, or executed later: a refusal changes nothing.
            if (frames[0] == (byte)Frame.UnderWay && owner == Nobody)
            {
                steps.Add(ExecuteTake(state, attempt, node));
            }

            bool mayRaise = owner == attempt || defect == ModelDefect.RaiseWithoutLookingWhoseTheLockIs;
            if (frames[RaiseAt] == (byte)Frame.UnderWay && mayRaise)
            {
                steps.Add(ExecuteRaise(state, attempt, node));
            }
        }

        if (phase == Phase.Taking)
        {
            AddDecisions(state, attempt, steps);
        }

        if (phase == Phase.Raising && confirmed >= Quorum)
        {
            steps.Add(Grant([.. state], attempt));
        }

        if (phase is Phase.Taking or Phase.Raising or Phase.Granted)
        {
            byte[] next = [.. state];
            Of(next, attempt)[0] = (byte)Phase.Over;
            steps.Add(new Step(Tidy(next), $"attempt {attempt} is over"));
        }
    }

    private Step ExecuteTake(byte[] state, int attempt, int node)
    {
        byte[] next = [.. state];
        byte proposal = Of(next, attempt)[ProposalAt];
        Span<byte> column = Column(next, node);
        byte counted = column[CounterAt];
        column[CounterAt] = defect == ModelDefect.ProposalBelowTheCounter ? proposal : Math.Max((byte)(counted + 1), proposal);
        column[0] = (byte)attempt;
        Span<byte> frames = Frames(next, node, attempt);
        frames[0] = (byte)Frame.Done;
        frames[GivenAt] = column[CounterAt];
        string words = $"a node that has counted to {counted} gives attempt {attempt} the number {frames[GivenAt]}";
        return new Step(Tidy(next), words);
    }

    private Step ExecuteRaise(byte[] state, int attempt, int node)
    {
        byte[] next = [.. state];
        byte number = Of(next, attempt)[NumberAt];
        Span<byte> column = Column(next, node);
        string words = $"a node that has counted to {column[CounterAt]} confirms {number} to attempt {attempt}";
        column[CounterAt] = Math.Max(column[CounterAt], number);
        Frames(next, node, attempt)[RaiseAt] = (byte)Frame.Done;
        return new Step(Tidy(next), words);
    }

    /// <summary>
    /// The client hears some of the nodes that have granted: they agree, or it has the largest of their numbers confirmed.
    /// </summary>
    private void AddDecisions(byte[] state, int attempt, List<Step> steps)
    {
        for (int heard = 0; heard < 1 << Nodes; heard++)
        {
            List<byte> numbers = [];
            for (int node = 0; node < Nodes; node++)
            {
                Span<byte> frames = Frames(state, node, attempt);
                if ((heard & (1 << node)) != 0 && frames[0] == (byte)Frame.Done)
                {
                    numbers.Add(frames[GivenAt]);
                }
            }

            if (numbers.Count == int.PopCount(heard) && numbers.Count >= Quorum)
            {
                steps.Add(Decide([.. state], attempt, numbers));
            }
        }
    }

    private Step Decide(byte[] next, int attempt, List<byte> numbers)
    {
        Span<byte> own = Of(next, attempt);
        own[NumberAt] = defect == ModelDefect.AgreementOfOneVote ? numbers[0] : numbers.Max();
        bool agree = numbers.TrueForAll(number => number == numbers[0]);
        if (agree || defect is ModelDefect.AgreementOfOneVote or ModelDefect.MaximumWithoutRaise)
        {
            return Grant(next, attempt);
        }

        own[0] = (byte)Phase.Raising;
        for (int node = 0; node < Nodes; node++)
        {
            Frames(next, node, attempt)[RaiseAt] = (byte)Frame.UnderWay;
        }

        string words = $"attempt {attempt} hears {string.Join(" and ", numbers)}, and wants {own[NumberAt]} confirmed";
        return new Step(Tidy(next), words);
    }

    private Step Grant(byte[] next, int attempt)
    {
        byte number = Of(next, attempt)[NumberAt];
        string words = $"attempt {attempt} is granted with {number}";
        string? violation = number > next[0] ? null : $"{words}, behind {next[0]}";
        for (int other = 0; other < attempts; other++)
        {
            violation ??= PhaseOf(next, other) == Phase.Granted ? $"{words} while attempt {other} holds the lock" : null;
        }

        next[0] = number;
        Of(next, attempt)[0] = (byte)Phase.Granted;
        return new Step(Tidy(next), words) { Violation = violation };
    }

    /// <summary>
    /// Forgets what can change nothing any more, and puts the nodes in order: states that differ in nothing else are one.
    /// </summary>
    private byte[] Tidy(byte[] state)
    {
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            Span<byte> own = Of(state, attempt);
            Phase phase = (Phase)own[0];
            bool mayTake = false;
            bool mayRaise = false;
            for (int node = 0; node < Nodes; node++)
            {
                Span<byte> frames = Frames(state, node, attempt);
                frames[GivenAt] = phase == Phase.Taking ? frames[GivenAt] : (byte)0;
                frames[0] = phase != Phase.Taking && frames[0] == (byte)Frame.Done ? (byte)Frame.None : frames[0];
                frames[RaiseAt] = phase != Phase.Raising && frames[RaiseAt] == (byte)Frame.Done ? (byte)Frame.None : frames[RaiseAt];
                mayTake |= frames[0] == (byte)Frame.UnderWay;
                mayRaise |= frames[RaiseAt] == (byte)Frame.UnderWay;
            }

            own[ProposalAt] = mayTake ? own[ProposalAt] : (byte)0;
            own[NumberAt] = mayRaise || phase == Phase.Raising ? own[NumberAt] : (byte)0;
        }

        // Three are in order after three exchanges.
        OrderColumns(state, 0);
        OrderColumns(state, 1);
        OrderColumns(state, 0);
        return state;
    }

    private void OrderColumns(byte[] state, int node)
    {
        Span<byte> one = Column(state, node);
        Span<byte> other = Column(state, node + 1);
        if (one.SequenceCompareTo(other) > 0)
        {
            byte[] kept = [.. one];
            other.CopyTo(one);
            kept.CopyTo(other);
        }
    }

    private static Span<byte> Of(byte[] state, int attempt) => state.AsSpan(AttemptsAt + (attempt * BytesAnAttempt), BytesAnAttempt);

    private static Phase PhaseOf(byte[] state, int attempt) => (Phase)Of(state, attempt)[0];

    private Span<byte> Column(byte[] state, int node) => state.AsSpan(_columnsAt + (node * _columnBytes), _columnBytes);

    private Span<byte> Frames(byte[] state, int node, int attempt) =>
        Column(state, node).Slice(FramesAt + (attempt * BytesOfFrames), BytesOfFrames);
}

/// <summary>One thing that can happen.</summary>
/// <param name="State">What is afterwards.</param>
/// <param name="Words">What happened.</param>
internal sealed record Step(byte[] State, string Words)
{
    /// <summary>What must not be, if it is so.</summary>
    public string? Violation { get; init; }
}

/// <summary>What is wrong with a model.</summary>
public enum ModelDefect
{
    None = 0,
    MaximumWithoutRaise,
    RaiseWithoutLookingWhoseTheLockIs,
    AgreementOfOneVote,
    ProposalBelowTheCounter,

    /// <summary>No defect of the protocol, but what it cannot withstand.</summary>
    NodeForgetsItsCounter,
}
