namespace Redlock.Fast.Resp;

/// <summary>Which plain command does what a script does, where a server runs no scripts.</summary>
public enum RespSubstituteCommand : byte
{
    /// <summary>None can: what runs the script is refused there, with a text that says why.</summary>
    None = 0,

    /// <summary><c>SET KEYS[1] ARGV[1] NX PX ARGV[2]</c>.</summary>
    SetIfAbsent,

    /// <summary><c>SET KEYS[1] ARGV[1] IFEQ ARGV[3] PX ARGV[2]</c>.</summary>
    SetIfEqual,

    /// <summary>
    /// <c>SET KEYS[1] ARGV[1] IFEQ ARGV[1] PX ARGV[2]</c>, which leaves the value as it is and starts its time to live anew.
    /// </summary>
    ExpireIfEqual,

    /// <summary><c>DELIFEQ KEYS[1] ARGV[1]</c>, or where that is not there, <c>DELEX KEYS[1] IFEQ ARGV[1]</c>.</summary>
    DeleteIfEqual,
}
