namespace ModelGarden.Rights.Local;

/// <summary>Names by numbers, so that what is kept a million times holds no text. Upper and lower case are one. A name that was heard once stays.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.OrdinalIgnoreCase);

    public int NumberOf(string name)
    {
        if (!_numbers.TryGetValue(name, out var number))
        {
            _numbers[name] = number = _numbers.Count;
        }

        return number;
    }

    /// <summary>Null: nothing is kept under this name.</summary>
    public int? Find(string name) => _numbers.TryGetValue(name, out var number) ? number : null;
}
