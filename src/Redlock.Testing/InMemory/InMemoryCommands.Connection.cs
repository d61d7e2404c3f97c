using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <content>Commands on the connection itself.</content>
internal static partial class InMemoryCommands
{
    private const string WrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";
    private const string BadClientName = "ERR Client names cannot contain spaces, newlines or special characters.";

    private enum Login
    {
        Refused = 0,
        Accepted,
        Pointless,
    }

    private static void Ping(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        switch (request.Count)
        {
            case 1:
                ReplyWriter.WriteSimpleString(reply, "PONG");
                break;
            case 2:
                RespWriter.WriteBulkString(reply, request[1]);
                break;
            default:
                ReplyWriter.WriteError(reply, "ERR wrong number of arguments for 'ping' command");
                break;
        }
    }

    private static void Echo(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        RespWriter.WriteBulkString(reply, request[1]);

    private static void Quit(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        WriteOk(reply);
        client.Leave();
    }

    private static void Select(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (!TryParseInteger(request[1], out long index))
        {
            ReplyWriter.WriteError(reply, NotAnInteger);
        }
        else if (index is < 0 or >= InMemoryStore.DatabaseCount)
        {
            ReplyWriter.WriteError(reply, "ERR DB index is out of range");
        }
        else
        {
            client.Database = (int)index;
            WriteOk(reply);
        }
    }

    // AUTH password | AUTH user password
    private static void Auth(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count > 3)
        {
            ReplyWriter.WriteError(reply, SyntaxError);
            return;
        }

        InMemoryNodeOptions options = client.Server.Options;
        Login login = request.Count == 2
            ? options.Password is null ? Login.Pointless : TryLogin(options, "default"u8, request[1])
            : TryLogin(options, request[1], request[2]);
        switch (login)
        {
            case Login.Accepted:
                client.IsAuthenticated = true;
                WriteOk(reply);
                break;
            case Login.Pointless:
                ReplyWriter.WriteError(
                    reply,
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is "
                        + "correct?");
                break;
            default:
                ReplyWriter.WriteError(reply, WrongPassword);
                break;
        }
    }

    private static Login TryLogin(InMemoryNodeOptions options, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        if (user.SequenceEqual("default"u8))
        {
            // A default user without a password takes any.
            return options.Password is null || Matches(password, options.Password) ? Login.Accepted : Login.Refused;
        }

        return options.User is { } name && options.UserPassword is { } expected && Matches(user, name) && Matches(password, expected)
            ? Login.Accepted
            : Login.Refused;
    }

    private static bool Matches(ReadOnlySpan<byte> given, string expected) =>
        CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(expected));

    // HELLO [version [AUTH user password] [SETNAME name]]
    private static void Hello(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (request.Count > 1 && CheckVersion(request[1]) is { } refusal)
        {
            ReplyWriter.WriteError(reply, refusal);
            return;
        }

        for (int i = 2; i < request.Count; i++)
        {
            if (IsWord(request[i], "AUTH"u8) && i + 2 < request.Count)
            {
                if (TryLogin(client.Server.Options, request[i + 1], request[i + 2]) != Login.Accepted)
                {
                    ReplyWriter.WriteError(reply, WrongPassword);
                    return;
                }

                client.IsAuthenticated = true;
                i += 2;
            }
            else if (IsWord(request[i], "SETNAME"u8) && i + 1 < request.Count)
            {
                if (!TrySetName(client, request[++i]))
                {
                    ReplyWriter.WriteError(reply, BadClientName);
                    return;
                }
            }
            else
            {
                ReplyWriter.WriteError(reply, $"ERR Syntax error in HELLO option '{Quote(request[i])}'");
                return;
            }
        }

        if (!client.IsAuthenticated)
        {
            ReplyWriter.WriteError(
                reply,
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be "
                + "used to authenticate the client and select the RESP protocol version at the same time");
            return;
        }

        WriteGreeting(client, reply);
    }

    private static string? CheckVersion(ReadOnlySpan<byte> argument)
    {
        if (!TryParseInteger(argument, out long version))
        {
            return "ERR Protocol version is not an integer or out of range";
        }

        return version == 2 ? null : "NOPROTO unsupported protocol version";
    }

    private static void WriteGreeting(InMemoryClient client, IBufferWriter<byte> reply)
    {
        RespWriter.WriteArrayHeader(reply, 14);
        RespWriter.WriteBulkString(reply, "server"u8);
        RespWriter.WriteBulkString(reply, "redis"u8);
        RespWriter.WriteBulkString(reply, "version"u8);
        RespWriter.WriteBulkString(reply, Version);
        RespWriter.WriteBulkString(reply, "proto"u8);
        ReplyWriter.WriteInteger(reply, 2);
        RespWriter.WriteBulkString(reply, "id"u8);
        ReplyWriter.WriteInteger(reply, client.Id);
        RespWriter.WriteBulkString(reply, "mode"u8);
        RespWriter.WriteBulkString(reply, "standalone"u8);
        RespWriter.WriteBulkString(reply, "role"u8);
        RespWriter.WriteBulkString(reply, "master"u8);
        RespWriter.WriteBulkString(reply, "modules"u8);
        RespWriter.WriteArrayHeader(reply, 0);
    }

    private static void ClientId(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) =>
        ReplyWriter.WriteInteger(reply, client.Id);

    private static void ClientGetName(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (client.Name.Length == 0)
        {
            ReplyWriter.WriteNullBulkString(reply);
        }
        else
        {
            RespWriter.WriteBulkString(reply, client.Name);
        }
    }

    private static void ClientSetName(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        if (TrySetName(client, request[2]))
        {
            WriteOk(reply);
        }
        else
        {
            ReplyWriter.WriteError(reply, BadClientName);
        }
    }

    private static bool TrySetName(InMemoryClient client, ReadOnlySpan<byte> name)
    {
        if (name.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        client.Name = name.ToArray();
        return true;
    }

    private static void ClientSetInfo(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply) => WriteOk(reply);
}
