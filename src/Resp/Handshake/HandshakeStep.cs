namespace Redlock.Fast.Resp;

/// <summary>The commands that open a connection.</summary>
[Flags]
internal enum HandshakeStep : ushort
{
    None = 0,
    Authenticate = 1,
    SelectDatabase = 2,
    SetName = 4,
    LoadScript = 8,
    AskForTexts = 16,
    AskForDigests = 32,
    AskForServer = 64,
    Ping = 128,

    /// <summary>Only where no scripts are run.</summary>
    AskForSubstitutes = 256,

    /// <summary>Those that a connection can do without, where the node closes it at one of them.</summary>
    Dispensable = SetName | LoadScript | AskForTexts | AskForDigests | AskForServer | AskForSubstitutes,
}
