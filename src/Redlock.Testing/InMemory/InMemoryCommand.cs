using System.Buffers;

namespace Redlock.Fast.Testing;

/// <summary>One command, or one subcommand, as the table has it.</summary>
/// <param name="Name">In lower case, a subcommand with its parent: <c>client|setname</c>.</param>
/// <param name="Arity">How many arguments, the name included; negative: at least so many. That is how Redis counts.</param>
/// <param name="Access">Who may run it.</param>
/// <param name="Run">Runs it, its arity being right, and writes exactly one reply.</param>
/// <param name="Timing">Whether a transaction queues it.</param>
/// <param name="Callers">Whether a script may call it.</param>
internal sealed record InMemoryCommand(
    string Name,
    int Arity,
    CommandAccess Access,
    Action<InMemoryClient, InMemoryRequest, IBufferWriter<byte>> Run,
    CommandTiming Timing = CommandTiming.WithTransaction,
    CommandCallers Callers = CommandCallers.All)
{
    /// <summary>What its second word may be; <c>null</c> for a command that has no subcommands.</summary>
    public Dictionary<string, InMemoryCommand>? Subcommands { get; init; }

    public bool Takes(int count) => Arity >= 0 ? count == Arity : count >= -Arity;
}

/// <summary>Who may run a command.</summary>
internal enum CommandAccess
{
    /// <summary>Only who is authenticated, where there is a password.</summary>
    Authenticated = 0,

    /// <summary>Anyone: it is part of becoming authenticated, or of going away.</summary>
    Anyone,
}

/// <summary>From where a command may come.</summary>
internal enum CommandCallers
{
    /// <summary>From a client or a script.</summary>
    All = 0,

    /// <summary>Only from a client: it is about the connection, or about scripts.</summary>
    Clients,
}

/// <summary>When a command of a transaction is executed.</summary>
internal enum CommandTiming
{
    /// <summary>With EXEC: until then it is queued.</summary>
    WithTransaction = 0,

    /// <summary>At once: it is about the transaction, or ends the connection.</summary>
    AtOnce,
}
