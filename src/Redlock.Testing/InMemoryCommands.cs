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

    private static readonly Dictionary<string, InMemoryCommand> s_client = Table(
    [
        new("client|id", 2, CommandAccess.Authenticated, ClientId),
        new("client|getname", 2, CommandAccess.Authenticated, ClientGetName),
        new("client|setname", 3, CommandAccess.Authenticated, ClientSetName),
        new("client|setinfo", 4, CommandAccess.Authenticated, ClientSetInfo),
    ]);

    private static readonly Dictionary<string, InMemoryCommand> s_script = Table(
    [
        new("script|load", 3, CommandAccess.Authenticated, ScriptLoad),
        new("script|exists", -3, CommandAccess.Authenticated, ScriptExists),
        new("script|flush", -2, CommandAccess.Authenticated, ScriptFlush),
    ]);

    private static readonly Dictionary<string, InMemoryCommand> s_commands = Table(
    [
        new("ping", -1, CommandAccess.Authenticated, Ping),
        new("echo", 2, CommandAccess.Authenticated, Echo),
        new("auth", -2, CommandAccess.Anyone, Auth),
        new("hello", -1, CommandAccess.Anyone, Hello),
        new("quit", -1, CommandAccess.Anyone, Quit, CommandTiming.AtOnce),
        new("select", 2, CommandAccess.Authenticated, Select),
        new("client", -2, CommandAccess.Authenticated, (client, request, reply) => RunSubcommand(s_client, "CLIENT", client, request, reply)),
        new("script", -2, CommandAccess.Authenticated, (client, request, reply) => RunSubcommand(s_script, "SCRIPT", client, request, reply)),
        new("command", -1, CommandAccess.Authenticated, Command),
        new("eval", -3, CommandAccess.Authenticated, Eval),
        new("evalsha", -3, CommandAccess.Authenticated, EvalSha),
        new("multi", 1, CommandAccess.Authenticated, Multi, CommandTiming.AtOnce),
        new("exec", 1, CommandAccess.Authenticated, Exec, CommandTiming.AtOnce),
        new("discard", 1, CommandAccess.Authenticated, Discard, CommandTiming.AtOnce),
        new("watch", -2, CommandAccess.Authenticated, Watch, CommandTiming.AtOnce),
        new("unwatch", 1, CommandAccess.Authenticated, Unwatch),
        new("set", -3, CommandAccess.Authenticated, Set),
        new("setex", 4, CommandAccess.Authenticated, SetSeconds),
        new("psetex", 4, CommandAccess.Authenticated, SetMilliseconds),
        new("get", 2, CommandAccess.Authenticated, Get),
        new("del", -2, CommandAccess.Authenticated, Delete),
        new("exists", -2, CommandAccess.Authenticated, Exists),
        new("ttl", 2, CommandAccess.Authenticated, TimeToLiveSeconds),
        new("pttl", 2, CommandAccess.Authenticated, TimeToLiveMilliseconds),
        new("pexpire", 3, CommandAccess.Authenticated, ExpireMilliseconds),
        new("time", 1, CommandAccess.Authenticated, Time),
        new("info", -1, CommandAccess.Authenticated, Info),
        new("dbsize", 1, CommandAccess.Authenticated, DatabaseSize),
        new("flushall", -1, CommandAccess.Authenticated, FlushAll),
        new("flushdb", -1, CommandAccess.Authenticated, FlushDatabase),
    ]);

    /// <summary>Runs one command and writes its reply.</summary>
    public static void Execute(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (Find(s_commands, request[0]) is not { } command)
        {
            client.Transaction.Spoil();
            WriteUnknownCommand(request, reply);
        }
        else if (!command.Takes(request.Count))
        {
            client.Transaction.Spoil();
            WriteWrongArity(command, reply);
        }
        else if (!client.IsAuthenticated && command.Access != CommandAccess.Anyone)
        {
            RespWriter.WriteError(reply, NotAuthenticated);
        }
        else if (client.Transaction.IsOpen && command.Timing == CommandTiming.WithTransaction)
        {
            client.Transaction.Queue(command, request);
            RespWriter.WriteSimpleString(reply, "QUEUED");
        }
        else
        {
            command.Run(client, request, reply);
        }
    }

    private static Dictionary<string, InMemoryCommand> Table(ReadOnlySpan<InMemoryCommand> commands)
    {
        var table = new Dictionary<string, InMemoryCommand>(StringComparer.Ordinal);
        foreach (var command in commands)
        {
            table.Add(command.Name[(command.Name.IndexOf('|', StringComparison.Ordinal) + 1)..], command);
        }

        return table;
    }

    private static InMemoryCommand? Find(Dictionary<string, InMemoryCommand> table, ReadOnlySpan<byte> name)
    {
        Span<char> lower = stackalloc char[LongestName];
        return name.Length <= LongestName
            && Ascii.ToLower(name, lower, out var length) == OperationStatus.Done
            && table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(lower[..length], out var command)
                ? command
                : null;
    }

    private static void RunSubcommand(
        Dictionary<string, InMemoryCommand> table,
        string parent,
        InMemoryClient client,
        InMemoryRequest request,
        IBufferWriter<byte> reply)
    {
        if (Find(table, request[1]) is not { } command)
        {
            RespWriter.WriteError(reply, $"ERR unknown subcommand '{Quote(request[1])}'. Try {parent} HELP.");
        }
        else if (!command.Takes(request.Count))
        {
            WriteWrongArity(command, reply);
        }
        else
        {
            command.Run(client, request, reply);
        }
    }

    private static void WriteUnknownCommand(InMemoryRequest request, IBufferWriter<byte> reply)
    {
        var text = new StringBuilder($"ERR unknown command '{Quote(request[0])}', with args beginning with: ");
        var quoted = 0;
        for (var i = 1; i < request.Count && quoted < QuotedBytes; i++)
        {
            text.Append('\'').Append(Quote(request[i])).Append("' ");
            quoted += request[i].Length + 3;
        }

        RespWriter.WriteError(reply, text.ToString());
    }

    private static void WriteWrongArity(InMemoryCommand command, IBufferWriter<byte> reply) =>
        RespWriter.WriteError(reply, $"ERR wrong number of arguments for '{command.Name}' command");

    private static void WriteOk(IBufferWriter<byte> reply) => RespWriter.WriteSimpleString(reply, "OK");

    private static string Quote(ReadOnlySpan<byte> argument)
    {
        var text = Encoding.UTF8.GetString(argument[..Math.Min(argument.Length, QuotedBytes)]);
        return text.Replace('\r', ' ').Replace('\n', ' ');
    }

    private static bool IsWord(ReadOnlySpan<byte> argument, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(argument, word);

    // As strict as Redis: no plus sign, no blanks, no leading zeros.
    private static bool TryParseInteger(ReadOnlySpan<byte> argument, out long value)
    {
        value = 0;
        var digits = argument.StartsWith((byte)'-') ? argument[1..] : argument;
        var isCanonical = digits.Length > 0 && digits[0] is >= (byte)'1' and <= (byte)'9' || argument.SequenceEqual("0"u8);
        return isCanonical && Utf8Parser.TryParse(argument, out value, out int consumed) && consumed == argument.Length;
    }
}
