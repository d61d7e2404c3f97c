namespace Redlock.Fast.Resp;

/// <summary>How the '%' before the zone of an IPv6 address is written.</summary>
internal enum ZoneMark : byte
{
    /// <summary>As it is.</summary>
    AsItIs = 0,

    /// <summary>In a URI: <c>%25</c> (RFC 6874), or as it is.</summary>
    MayBeEncoded,
}
