using Google.Protobuf.Reflection;

namespace ModelGarden.GrpcServices.Reflection;

/// <summary>Some services and every file, symbol and extension they can be described with, found by name.</summary>
internal sealed class ReflectionSchema
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _fileBySymbol = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    public ReflectionSchema(IEnumerable<ServiceDescriptor> services)
    {
        List<ServiceDescriptor> all = [.. services];
        ServiceNames = [.. all.Select(service => service.FullName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (var service in all)
        {
            AddFile(service.File);
        }
    }

    public IReadOnlyList<string> ServiceNames { get; }

    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <summary>The file that declares a symbol, which is given by its full name without a leading dot.</summary>
    public FileDescriptor? FindFileOfSymbol(string symbol) => _fileBySymbol.GetValueOrDefault(symbol);

    public FileDescriptor? FindFileOfExtension(string extendee, int number) =>
        _extensions.GetValueOrDefault(extendee)?.GetValueOrDefault(number);

    /// <summary>The numbers that extensions of a message type use, in order, or null if there is no such type.</summary>
    public IReadOnlyCollection<int>? FindExtensionNumbers(string extendee) => _extensions.GetValueOrDefault(extendee)?.Keys;

    /// <summary>The file and all it depends on, each once, the file itself first.</summary>
    public static IEnumerable<FileDescriptor> WithDependencies(FileDescriptor file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { file.Name };
        var queue = new Queue<FileDescriptor>([file]);
        while (queue.TryDequeue(out var next))
        {
            yield return next;
            foreach (var dependency in next.Dependencies.Where(dependency => seen.Add(dependency.Name)))
            {
                queue.Enqueue(dependency);
            }
        }
    }

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var dependency in file.Dependencies)
        {
            AddFile(dependency);
        }

        foreach (var service in file.Services)
        {
            AddSymbol(service);
            AddSymbols(service.Methods);
        }

        foreach (var message in file.MessageTypes)
        {
            AddMessage(message);
        }

        foreach (var enumeration in file.EnumTypes)
        {
            AddEnum(enumeration, file.Package);
        }

        AddExtensions(file.Extensions);
    }

    private void AddMessage(MessageDescriptor message)
    {
        AddSymbol(message);
        AddSymbols(message.Fields.InDeclarationOrder());
        AddSymbols(message.Oneofs);
        _extensions.TryAdd(message.FullName, []);
        foreach (var nested in message.NestedTypes)
        {
            AddMessage(nested);
        }

        foreach (var enumeration in message.EnumTypes)
        {
            AddEnum(enumeration, message.FullName);
        }

        AddExtensions(message.Extensions);
    }

    private void AddEnum(EnumDescriptor enumeration, string scope)
    {
        AddSymbol(enumeration);
        foreach (var value in enumeration.Values)
        {
            // As in C++, an enum's values are siblings of the enum, not its children.
            _fileBySymbol[scope.Length == 0 ? value.Name : $"{scope}.{value.Name}"] = enumeration.File;
        }
    }

    private void AddExtensions(ExtensionCollection extensions)
    {
        foreach (var extension in extensions.UnorderedExtensions)
        {
            AddSymbol(extension);
            var extendee = extension.ExtendeeType.FullName;
            if (!_extensions.TryGetValue(extendee, out var numbers))
            {
                _extensions.Add(extendee, numbers = []);
            }

            numbers[extension.FieldNumber] = extension.File;
        }
    }

    private void AddSymbols(IEnumerable<IDescriptor> symbols)
    {
        foreach (var symbol in symbols)
        {
            AddSymbol(symbol);
        }
    }

    private void AddSymbol(IDescriptor symbol) => _fileBySymbol[symbol.FullName] = symbol.File;
}
