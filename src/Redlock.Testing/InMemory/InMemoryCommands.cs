using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>The table of commands, and what they share. Error texts are those of Redis 7.0.</summary>
internal static partial class InMemoryCommands
{
    private const string SyntaxError = "ERR syntax error";
    private const string NotAnInteger = "ERR value is not an integer or out of range";
    private const string NotAuthenticated = "NOAUTH Authentication required.";

    // Longer names and arguments are cut in an error that quotes them, as Redis cuts them.
    private const int QuotedBytes = 128;

    // More than the longest name in the tables.
    private const int LongestName = 16;

    private static readonly Dictionary<string, InMemoryCommand> _commands = Table(
    [
        new("ping", -1, CommandAccess.Authenticated, Ping),
        new("echo", 2, CommandAccess.Authenticated, Echo),
        new("auth", -2, CommandAccess.Anyone, Auth, Callers: CommandCallers.Clients),
        new("hello", -1, CommandAccess.Anyone, Hello, Callers: CommandCallers.Clients),
        new("quit", -1, CommandAccess.Anyone, Quit, CommandTiming.AtOnce, CommandCallers.Clients),
        new("select", 2, CommandAccess.Authenticated, Select),
        Container("client", -2,
        [
            new("client|id", 2, CommandAccess.Authenticated, ClientId, Callers: CommandCallers.Clients),
            new("client|getname", 2, CommandAccess.Authenticated, ClientGetName, Callers: CommandCallers.Clients),
            new("client|setname", 3, CommandAccess.Authenticated, ClientSetName, Callers: CommandCallers.Clients),
            new("client|setinfo", 4, CommandAccess.Authenticated, ClientSetInfo, Callers: CommandCallers.Clients),
            new("client|kill", -3, CommandAccess.Authenticated, ClientKill, Callers: CommandCallers.Clients),
        ]),
        new("subscribe", -2, CommandAccess.Authenticated, Subscribe, Callers: CommandCallers.Clients),
        new("unsubscribe", -1, CommandAccess.Authenticated, Unsubscribe, Callers: CommandCallers.Clients),
        new("publish", 3, CommandAccess.Authenticated, Publish),
        Container("pubsub", -2,
        [
            new("pubsub|numsub", -2, CommandAccess.Authenticated, CountListeners),
            new("pubsub|numpat", 2, CommandAccess.Authenticated, CountPatterns),
        ]),
        Container("script", -2,
        [
            new("script|load", 3, CommandAccess.Authenticated, ScriptLoad, Callers: CommandCallers.Clients),
            new("script|exists", -3, CommandAccess.Authenticated, ScriptExists, Callers: CommandCallers.Clients),
            new("script|flush", -2, CommandAccess.Authenticated, ScriptFlush, Callers: CommandCallers.Clients),
        ]),
        Container("command", -1,
        [
            new("command|count", 2, CommandAccess.Authenticated, CommandCount),
            new("command|docs", -2, CommandAccess.Authenticated, CommandHints),
        ]),
        new("eval", -3, CommandAccess.Authenticated, Eval, Callers: CommandCallers.Clients),
        new("evalsha", -3, CommandAccess.Authenticated, EvalSha, Callers: CommandCallers.Clients),
        new("multi", 1, CommandAccess.Authenticated, Multi, CommandTiming.AtOnce, CommandCallers.Clients),
        new("exec", 1, CommandAccess.Authenticated, Exec, CommandTiming.AtOnce, CommandCallers.Clients),
        new("discard", 1, CommandAccess.Authenticated, Discard, CommandTiming.AtOnce, CommandCallers.Clients),
        new("watch", -2, CommandAccess.Authenticated, Watch, CommandTiming.AtOnce, CommandCallers.Clients),
        new("unwatch", 1, CommandAccess.Authenticated, Unwatch, Callers: CommandCallers.Clients),
        new("set", -3, CommandAccess.Authenticated, Set),
        new("setex", 4, CommandAccess.Authenticated, SetSeconds),
        new("psetex", 4, CommandAccess.Authenticated, SetMilliseconds),
        new("get", 2, CommandAccess.Authenticated, Get),
        new("del", -2, CommandAccess.Authenticated, Delete),
        new("unlink", -2, CommandAccess.Authenticated, Delete),
        new("delifeq", 3, CommandAccess.Authenticated, DeleteIfEqual),
        new("delex", 4, CommandAccess.Authenticated, DeleteOnCondition),
        new("exists", -2, CommandAccess.Authenticated, Exists),
        new("ttl", 2, CommandAccess.Authenticated, TimeToLiveSeconds),
        new("pttl", 2, CommandAccess.Authenticated, TimeToLiveMilliseconds),
        new("expire", -3, CommandAccess.Authenticated, ExpireSeconds),
        new("pexpire", -3, CommandAccess.Authenticated, ExpireMilliseconds),
        new("expireat", -3, CommandAccess.Authenticated, ExpireAtSecond),
        new("pexpireat", -3, CommandAccess.Authenticated, ExpireAtMillisecond),
        new("persist", 2, CommandAccess.Authenticated, Persist),
        new("time", 1, CommandAccess.Authenticated, Time),
        new("info", -1, CommandAccess.Authenticated, Info),
        new("dbsize", 1, CommandAccess.Authenticated, DatabaseSize),
        new("flushall", -1, CommandAccess.Authenticated, FlushAll),
        new("flushdb", -1, CommandAccess.Authenticated, FlushDatabase),
    ]);

    private enum Lookup
    {
        UnknownCommand = 0,
        UnknownSubcommand,
        WrongArity,
        Found,
    }

    /// <summary>Every command and subcommand, as <see cref="InMemoryCommand.Name"/> has it.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            foreach (InMemoryCommand command in _commands.Values)
            {
                yield return command.Name;
                if (command.Subcommands is { } subcommands)
                {
                    foreach (InMemoryCommand subcommand in subcommands.Values)
                    {
                        yield return subcommand.Name;
                    }
                }
            }
        }
    }

    /// <summary>Runs one command and writes its reply.</summary>
    public static void Execute(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        Lookup lookup = Find(client, request, out InMemoryCommand? command);
        bool mayRun = client.IsAuthenticated || command?.Access == CommandAccess.Anyone;
        if (lookup != Lookup.Found || !mayRun)
        {
            // A transaction that lacks one of its commands is not run.
            client.Transaction.Spoil();
            WriteRefusal(lookup, command, request, reply);
        }
        else if (TryAnswerListener(client, command!, request, reply))
        {
            // Told what it may ask.
        }
        else if (client.Transaction.IsOpen && command!.Timing == CommandTiming.WithTransaction)
        {
            client.Transaction.Queue(command, request);
            ReplyWriter.WriteSimpleString(reply, "QUEUED");
        }
        else
        {
            command!.Run(client, request, reply);
        }
    }

    /// <summary>Runs one command of a script, at once, and writes its reply.</summary>
    public static void ExecuteForScript(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        Lookup lookup = Find(client, request, out InMemoryCommand? command);
        if (lookup == Lookup.WrongArity)
        {
            ReplyWriter.WriteError(reply, "ERR Wrong number of args calling Redis command from script");
        }
        else if (lookup != Lookup.Found)
        {
            ReplyWriter.WriteError(reply, "ERR Unknown Redis command called from script");
        }
        else if (command!.Callers == CommandCallers.Clients)
        {
            ReplyWriter.WriteError(reply, "ERR This Redis command is not allowed from script");
        }
        else
        {
            command.Run(client, request, reply);
        }
    }

    private static Dictionary<string, InMemoryCommand> Table(ReadOnlySpan<InMemoryCommand> commands)
    {
        Dictionary<string, InMemoryCommand> table = new Dictionary<string, InMemoryCommand>(StringComparer.Ordinal);
        foreach (InMemoryCommand command in commands)
        {
            table.Add(command.Name[(command.Name.IndexOf('|', StringComparison.Ordinal) + 1)..], command);
        }

        return table;
    }

    // A command that is no more than the name of its subcommands.
    private static InMemoryCommand Container(string name, int arity, ReadOnlySpan<InMemoryCommand> subcommands) =>
        new(name, arity, CommandAccess.Authenticated, CommandHints) { Subcommands = Table(subcommands) };

    private static Lookup Find(InMemoryClient client, InMemoryRequest request, out InMemoryCommand? command)
    {
        command = Find(_commands, request[0]);
        if (command is null || !IsThere(command, client.Server.Options.Scripting))
        {
            return Lookup.UnknownCommand;
        }

        if (command.Subcommands is { } subcommands && request.Count > 1)
        {
            if (Find(subcommands, request[1]) is not { } subcommand)
            {
                return Lookup.UnknownSubcommand;
            }

            command = subcommand;
        }

        return command.Takes(request.Count) ? Lookup.Found : Lookup.WrongArity;
    }

    private static InMemoryCommand? Find(Dictionary<string, InMemoryCommand> table, ReadOnlySpan<byte> name)
    {
        Span<char> lower = stackalloc char[LongestName];
        return name.Length <= LongestName
            && Ascii.ToLower(name, lower, out int length) == OperationStatus.Done
            && table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(lower[..length], out InMemoryCommand? command)
                ? command
                : null;
    }

    private static void WriteRefusal(Lookup lookup, InMemoryCommand? command, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        switch (lookup)
        {
            case Lookup.UnknownCommand:
                WriteUnknownCommand(request, reply);
                break;
            case Lookup.UnknownSubcommand:
                ReplyWriter.WriteError(
                    reply, $"ERR unknown subcommand '{Quote(request[1])}'. Try {command!.Name.ToUpperInvariant()} HELP.");
                break;
            case Lookup.WrongArity:
                ReplyWriter.WriteError(reply, $"ERR wrong number of arguments for '{command!.Name}' command");
                break;
            default:
                ReplyWriter.WriteError(reply, NotAuthenticated);
                break;
        }
    }

    private static void WriteUnknownCommand(InMemoryRequest request, IBufferWriter<byte> reply)
    {
        StringBuilder text = new StringBuilder($"ERR unknown command '{Quote(request[0])}', with args beginning with: ");
        int quoted = 0;
        for (int i = 1; i < request.Count && quoted < QuotedBytes; i++)
        {
            text.Append('\'').Append(Quote(request[i])).Append("' ");
            quoted += request[i].Length + 3;
        }

        ReplyWriter.WriteError(reply, text.ToString());
    }

    private static void WriteOk(IBufferWriter<byte> reply) => ReplyWriter.WriteSimpleString(reply, "OK");

    private static string Quote(ReadOnlySpan<byte> argument)
    {
        string text = Encoding.UTF8.GetString(argument[..Math.Min(argument.Length, QuotedBytes)]);
        return text.Replace('\r', ' ').Replace('\n', ' ');
    }

    private static bool IsWord(ReadOnlySpan<byte> argument, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(argument, word);

    // As strict as Redis: no plus sign, no blanks, no leading zeros.
    private static bool TryParseInteger(ReadOnlySpan<byte> argument, out long value)
    {
        value = 0;
        ReadOnlySpan<byte> digits = argument.StartsWith((byte)'-') ? argument[1..] : argument;
        bool isCanonical = digits.Length > 0 && digits[0] is >= (byte)'1' and <= (byte)'9' || argument.SequenceEqual("0"u8);
        return isCanonical && Utf8Parser.TryParse(argument, out value, out int consumed) && consumed == argument.Length;
    }
}
