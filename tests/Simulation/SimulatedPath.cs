using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>The way of one client to one node, simulated as a whole or below the shipped connection.</summary>
internal abstract class SimulatedPath : RespChannel
{
    /// <summary>After a release or a failure: what lies on the connection that carried the SET must leave nothing behind.</summary>
    public abstract void Owe(string key, string owner);

    /// <summary>Loses the connection now.</summary>
    public abstract void Lose();

    /// <summary>The node goes down: nothing is carried from now on, and this process hears of it once it gets to run.</summary>
    public abstract void GoDown();

    /// <summary>All links are well from now on.</summary>
    public abstract void Heal();

    /// <summary>Looks after each thing that happens in the client.</summary>
    public virtual void Look()
    {
    }

    /// <summary>Looks now and then.</summary>
    public virtual void CheckSometimes()
    {
    }

    /// <summary>The run is over.</summary>
    public virtual void Leave()
    {
    }

    /// <summary>The client ends it.</summary>
    public abstract void Dispose();
}
