namespace Redlock.Fast.Resp;

/// <summary>
/// Told what becomes of a node's connections, and asked what the connection itself can't know. No lock is held meanwhile.
/// </summary>
/// <remarks>Of a connection it is who keeps the node connected, and of that one it is the node, or the node's subscriber.</remarks>
internal interface IConnectionObserver
{
    /// <summary>Who answers on a connection, before it is ready, and before any other reply is handed on.</summary>
    void OnServer(RespServer server)
    {
    }

    /// <summary>A handshake is done. Called on the thread that reads.</summary>
    void OnReady()
    {
    }

    /// <summary>A connection ends. Called before anybody is told of it, or refused because of it, so that they can say why.</summary>
    void OnEnding(ConnectionEnd end)
    {
    }

    /// <summary>The login of a connection could not be renewed, and will be tried again.</summary>
    /// <param name="text">What happened, for people; names the node, holds no credentials.</param>
    void OnLoginTrouble(string text)
    {
    }

    /// <summary>The node has gone to another state, see <see cref="NodeStates"/>.</summary>
    void OnState(RespNodeState state)
    {
    }

    /// <summary>Whether a node may send what nobody asked for. Looked at once a connection: most replies are answers.</summary>
    bool HearsPushes => false;

    /// <summary>
    /// Takes what a node sends unasked. Called on the thread that reads, for everything that comes, if it <see cref="HearsPushes"/>.
    /// </summary>
    /// <returns>False if it is not unasked: then it answers the next request.</returns>
    bool TryTakePush(in RespReply push) => false;

    /// <summary>
    /// Whether a connection may end because its server says that it is not the one to ask, see <see cref="Misdirection"/>.
    /// </summary>
    bool MayLeave() => false;
}
