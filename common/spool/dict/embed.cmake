# embed.cmake -- dictionaries as C: cmake -DFOLDER=... -DIDS=ID,... -DOUT=F.c -P embed.cmake
# SPDX-License-Identifier: Apache-2.0
string(REPLACE "," ";" ids "${IDS}")
set(code "#include \"frame_dict.h\"\n\n")
foreach(id IN LISTS ids)
	file(READ ${FOLDER}/${id}.zdict hex HEX)
	string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(APPEND code "static const uint8_t dict_${id}[] = {\n${bytes}\n};\n\n")
	string(APPEND rows "\t{ ${id}, dict_${id}, sizeof(dict_${id}) },\n")
endforeach()
file(WRITE ${OUT} "${code}const struct frame_dict frame_dicts[FRAME_DICTS] = {\n${rows}};\n")
