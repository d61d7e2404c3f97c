using System.Globalization;

namespace Redlock.Fast.Resp;

/// <summary>One server as StackExchange.Redis writes it: its address and options, separated by commas, in any order.</summary>
/// <remarks>No refusal repeats a part of the text: behind a comma within a password, the "option" is the rest of the password.</remarks>
internal sealed class ConnectionString
{
    // Where that client looks for a server of which only ssl=true is said.
    private const int TlsPort = 6380;

    private const string Url = "redis://user:password@host:port/database, or rediss:// for TLS";

    // What they set is that client's own affair.
    private static readonly string[] _ignored =
    [
        "abortConnect", "allowAdmin", "asyncTimeout", "channelPrefix", "checkCertificateRevocation", "configChannel", "configCheckSeconds",
        "connectRetry", "connectTimeout", "heartbeatConsistencyChecks", "heartbeatInterval", "highIntegrity",
        "includeDetailInExceptions", "includePerformanceCountersInExceptions", "keepAlive", "libName", "preserveAsyncOrder", "protocol",
        "proxy", "resolveDns", "responseTimeout", "setClientLibrary", "sslProtocols", "syncTimeout", "tieBreaker", "version", "writeBuffer",
    ];

    private string _clientName = "";
    private string _password = "";
    private string _tlsHost = "";
    private string _user = "";
    private bool _usesTls;

    /// <summary>The address alone, as it is written.</summary>
    public string Server { get; private set; } = "";

    public int? Database { get; private set; }

    public string? User => NullIfEmpty(_user);

    public string? Password => NullIfEmpty(_password);

    public string? ClientName => NullIfEmpty(_clientName);

    public string? TlsHost => NullIfEmpty(_tlsHost);

    public bool UsesTls => _usesTls;

    /// <summary>The port if the address names none.</summary>
    public int DefaultPort => _usesTls ? TlsPort : RedisEndpoint.DefaultPort;

    /// <returns>What is wrong and what is right; empty if all is well.</returns>
    public string Read(ReadOnlySpan<char> text)
    {
        int place = 0;
        foreach (Range range in text.Split(','))
        {
            ReadOnlySpan<char> part = text[range].Trim();
            place++;
            int equals = part.IndexOf('=');
            string problem = part.IsEmpty ? ""
                : equals < 0 ? ReadServer(part)
                : ReadOption(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart(), place);
            if (problem.Length != 0)
            {
                return problem;
            }
        }

        return Server.Length == 0 ? "The connection string names no server: it begins with host:port."
            : User is not null && Password is null
                ? "The connection string has a user and no password: give both, or neither for the default user."
            : "";
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private string ReadServer(ReadOnlySpan<char> part)
    {
        if (Server.Length != 0)
        {
            return "The connection string names several servers: give each as an entry of its own, as each is a node with a vote of its "
                + $"own (or there is a ',' in the password: write {Url}, with %2C for it).";
        }

        Server = part.ToString();
        return "";
    }

    private string ReadOption(ReadOnlySpan<char> key, ReadOnlySpan<char> value, int place)
    {
        if (Is(key, "password"))
        {
            _password = value.ToString();
        }
        else if (Is(key, "user"))
        {
            _user = value.ToString();
        }
        else if (Is(key, "sslHost"))
        {
            _tlsHost = value.ToString();
        }
        else if (Is(key, "name"))
        {
            _clientName = value.ToString();
            return RespNodeOptions.ProblemOfName(_clientName);
        }
        else if (Is(key, "ssl"))
        {
            return TryReadSwitch(value, out _usesTls) ? "" : "The value of ssl must be true or false.";
        }
        else if (Is(key, "defaultDatabase"))
        {
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int database);
            Database = database;
            return isNumber ? "" : $"The value of defaultDatabase must be a number from 0 to {int.MaxValue}.";
        }
        else
        {
            return ProblemOfOther(key, place);
        }

        return "";
    }

    private static string ProblemOfOther(ReadOnlySpan<char> key, int place)
    {
        foreach (string known in _ignored)
        {
            if (Is(key, known))
            {
                return "";
            }
        }

        return Is(key, "serviceName") ? "serviceName asks a Sentinel for the server: name the server itself, as a node of its own."
            : Is(key, "tunnel") ? "tunnel is not supported: give a Dialer that goes through it."
            : key.StartsWith('$') ? "The connection string renames a command ($NAME=...): not supported, the commands go out as they are."
            : $"Part {place} of the connection string is no option that is known. Those with a meaning here are password, user, ssl, "
                + "sslHost, defaultDatabase and name; the others of StackExchange.Redis may stand there and do nothing. A value with a ',' "
                + $"in it is written as {Url}, with %2C for it.";
    }

    private static bool TryReadSwitch(ReadOnlySpan<char> value, out bool isOn)
    {
        isOn = Is(value, "true") || Is(value, "yes") || Is(value, "on") || Is(value, "1");
        return isOn || Is(value, "false") || Is(value, "no") || Is(value, "off") || Is(value, "0");
    }

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
