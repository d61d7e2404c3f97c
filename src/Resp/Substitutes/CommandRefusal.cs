namespace Redlock.Fast.Resp;

/// <summary>Tells from an error whether a command is not there for this client.</summary>
internal static class CommandRefusal
{
    /// <summary>Whether the server does not know the command, or does not let the client run it whatever the key.</summary>
    /// <remarks>What a script may not do says nothing of whether it may be run.</remarks>
    public static bool IsToldBy(in RespReply error) =>
        error.Bytes.StartsWith("ERR unknown command"u8)
        || (error.Bytes.StartsWith("NOPERM "u8)
            && error.Bytes.IndexOf(" permissions to access "u8) < 0
            && error.Bytes.IndexOf(" in script"u8) < 0);

    /// <summary>Whether what runs scripts on a connection, or stands in for them, has been taken from it.</summary>
    /// <remarks>
    /// The next handshake finds out what there is instead, or refuses the node: what is locked here could not be released. What no command
    /// stands in for is refused all the time, which says nothing new.
    /// </remarks>
    /// <param name="request">What was asked, and is not asked again in other words.</param>
    /// <param name="error">The answer.</param>
    public static bool IsToldBy(in ReplySlot request, in RespReply error) =>
        (request.Substitute is { } substitute ? substitute.Command != RespSubstituteCommand.None : request.Asker is not null)
        && IsToldBy(error);
}
