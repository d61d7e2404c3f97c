namespace Redlock.Fast.Resp;

/// <summary>How the bytes of a node travel.</summary>
public enum RedisTransport
{
    /// <summary>Not an address; no parsed endpoint has it.</summary>
    None = 0,

    /// <summary>TCP to a host and port, with or without TLS.</summary>
    Tcp,

    /// <summary>A Unix domain socket of this machine.</summary>
    Unix,
}
