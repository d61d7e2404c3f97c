namespace Redlock.Fast.Testing;

/// <summary>A table of a script: items counted from 1, and fields by name.</summary>
internal sealed class LuaTable
{
    private readonly List<object?> _items = [];
    private readonly Dictionary<string, object?> _fields = new(StringComparer.Ordinal);

    public int Count => _items.Count;

    public void Add(object? item) => _items.Add(item);

    /// <param name="index">From 1.</param>
    public object? Item(double index) => index >= 1 && index <= _items.Count && double.IsInteger(index) ? _items[(int)index - 1] : null;

    public object? Field(string name) => _fields.GetValueOrDefault(name);

    public LuaTable With(string name, object? value)
    {
        _fields[name] = value;
        return this;
    }
}
