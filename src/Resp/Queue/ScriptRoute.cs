namespace Redlock.Fast.Resp;

/// <summary>By which commands a connection's server runs scripts.</summary>
internal enum ScriptRoute : byte
{
    /// <summary>By none.</summary>
    None = 0,

    /// <summary>EVALSHA, and EVAL where the script was forgotten.</summary>
    DigestElseText,

    /// <summary>EVALSHA; a script that was forgotten is loaded again, as there is no EVAL.</summary>
    DigestElseLoad,

    /// <summary>EVAL always, as there is no EVALSHA.</summary>
    Text,

    /// <summary>By none, but plain commands stand in for them, among them DELIFEQ.</summary>
    DelIfEq,

    /// <summary>By none, but plain commands stand in for them, among them DELEX.</summary>
    DelEx,
}
